/* SHA-256 (FIPS 180-4) by libcrypto, and random names. */
#ifndef CAIRN_BASE_DIGEST_H
#define CAIRN_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_HEX 64                 /* characters, without the NUL */
#define NONCE_HEX 32

struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *d, const void *p, size_t n);
/* Writes 64 lower-case hex characters and a NUL, and starts anew. */
void digest_hex(struct digest *d, char out[DIGEST_HEX + 1]);
void digest_free(struct digest *d);

/* In one go. */
void sha256_hex(const void *p, size_t n, char out[DIGEST_HEX + 1]);

/* 128 bits of getrandom(2) as hex (security.md E3). */
void nonce_make(char out[NONCE_HEX + 1]);

#endif
