#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/xalloc.h"

struct digest {
	EVP_MD_CTX *ctx;
};

static void start(struct digest *d)
{
	if (EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1)
		BUG("libcrypto has no SHA-256");
}

struct digest *digest_new(void)
{
	struct digest *d = xcalloc(1, sizeof *d);

	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx)
		BUG("libcrypto: no digest context");
	start(d);
	return d;
}

void digest_add(struct digest *d, const void *p, size_t n)
{
	if (n && EVP_DigestUpdate(d->ctx, p, n) != 1)
		BUG("libcrypto: SHA-256 failed");
}

static void write_hex(char *out, const unsigned char *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = hex[p[i] >> 4];
		out[2 * i + 1] = hex[p[i] & 15];
	}
	out[2 * n] = '\0';
}

void digest_hex(struct digest *d, char out[DIGEST_HEX + 1])
{
	unsigned char sum[DIGEST_HEX / 2];

	if (EVP_DigestFinal_ex(d->ctx, sum, NULL) != 1)
		BUG("libcrypto: SHA-256 failed");
	write_hex(out, sum, sizeof sum);
	start(d);
}

void digest_free(struct digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

void sha256_hex(const void *p, size_t n, char out[DIGEST_HEX + 1])
{
	unsigned char sum[DIGEST_HEX / 2];

	if (EVP_Digest(n ? p : "", n, sum, NULL, EVP_sha256(), NULL) != 1)
		BUG("libcrypto: SHA-256 failed");
	write_hex(out, sum, sizeof sum);
}

void nonce_make(char out[NONCE_HEX + 1])
{
	unsigned char bytes[NONCE_HEX / 2];

	/* Up to 256 bytes are never delivered in part (getrandom(2)). */
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		BUG("getrandom: no random bytes");
	write_hex(out, bytes, sizeof bytes);
}
