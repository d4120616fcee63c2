#include "client/certificate.h"

#include <arpa/inet.h>
#include <limits.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "client/curl_lib.h"
#include "client/httpc.h"

/* 9999-12-31 is beyond what nanoseconds can count. */
static nsec
time_of(const ASN1_TIME *t)
{
	struct tm tm;
	time_t seconds;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return 0;
	seconds = timegm(&tm);
	return seconds > INT64_MAX / NSEC_PER_SEC ? INT64_MAX :
	    (nsec)seconds * NSEC_PER_SEC;
}

static void
add_name(struct httpc_response *rs, const ASN1_STRING *s)
{
	const char *p = (const char *)ASN1_STRING_get0_data(s);
	int n = ASN1_STRING_length(s);

	/* a name with a NUL inside pretends to be another */
	if (n > 0 && memchr(p, '\0', (size_t)n) == NULL)
		vec_push(&rs->names, xstrndup(p, (size_t)n));
}

static void
add_address(struct httpc_response *rs, const ASN1_STRING *s)
{
	int n = ASN1_STRING_length(s);
	char text[INET6_ADDRSTRLEN];

	if ((n == 4 || n == 16) && inet_ntop(n == 4 ? AF_INET : AF_INET6,
	    ASN1_STRING_get0_data(s), text, sizeof text) != NULL)
		vec_push(&rs->names, xstrdup(text));
}

static void
read_names(struct httpc_response *rs, X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name,
	    NULL, NULL);
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DNS)
			add_name(rs, name->d.dNSName);
		else if (name->type == GEN_IPADD)
			add_address(rs, name->d.iPAddress);
	}
	GENERAL_NAMES_free(names);
}

static void
read_pem(struct httpc_response *rs, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *cert = bio == NULL ? NULL :
	    PEM_read_bio_X509(bio, NULL, NULL, NULL);

	if (cert != NULL) {
		rs->not_after = time_of(X509_get0_notAfter(cert));
		read_names(rs, cert);
	}
	X509_free(cert);
	BIO_free(bio);
}

void
certificate_read(struct httpc_response *rs, const struct curl_slist *account)
{
	for (; account != NULL; account = account->next)
		if (strncmp(account->data, "Cert:", 5) == 0)
			read_pem(rs, account->data + 5);
}
