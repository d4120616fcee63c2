#include "base/mask_forms.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

/* Where an encoder writes. It is wide enough: no byte becomes more than 6. */
struct out {
	char *p;
	size_t n;
};

static void put(struct out *o, const char *s, size_t n)
{
	memcpy(o->p + o->n, s, n);
	o->n += n;
}

static void puts_(struct out *o, const char *s)
{
	put(o, s, strlen(s));
}

static void put_hex(struct out *o, unsigned value, unsigned digits, bool upper)
{
	const char *hex = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	while (digits--)
		o->p[o->n++] = hex[value >> (4 * digits) & 15];
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

/* ---- base64: three alignments × how it ends × two alphabets ---- */

enum { B64_INNER, B64_TO_END, B64_PADDED };

/* Only the characters that no neighbour of the value has a part in; at the
 * end of the text the last one is known as well. */
static void base64(struct out *o, const char *value, size_t n, int variant)
{
	const unsigned char *s = (const unsigned char *)value;
	const char *tail = variant >> 4 ? "-_" : "+/";
	size_t align = variant & 3, i, byte;
	int end = variant >> 2 & 3, bits;
	size_t last = 8 * (align + n) / 6;

	if (end != B64_INNER)
		last = (8 * (align + n) + 5) / 6;
	for (i = (8 * align + 5) / 6; i < last; i++) {
		byte = 6 * i / 8 - align;
		bits = s[byte] << 8 | (byte + 1 < n ? s[byte + 1] : 0);
		bits = bits >> (10 - 6 * i % 8) & 63;
		o->p[o->n++] = (char)(bits < 26 ? 'A' + bits :
		    bits < 52 ? 'a' + bits - 26 :
		    bits < 62 ? '0' + bits - 52 : tail[bits - 62]);
	}
	for (; end == B64_PADDED && i % 4; i++)
		o->p[o->n++] = '=';
}

static void hex(struct out *o, const char *s, size_t n, int upper)
{
	size_t i;

	for (i = 0; i < n; i++)
		put_hex(o, (unsigned char)s[i], 2, upper);
}

/* ---- URL ---- */

enum { URL_UPPER = 1, URL_PLUS = 2, URL_WHOLE = 4, URL_STRICT = 8 };

/* URL_WHOLE leaves what may stand in a whole URL, URL_STRICT nothing that some
 * encoder changes. */
static void url(struct out *o, const char *s, size_t n, int variant)
{
	const char *bare = variant & URL_WHOLE ? "-_.~!*'();,/?:@&=+$#" :
	    variant & URL_STRICT ? "-_." : "-_.~";
	size_t i;

	for (i = 0; i < n; i++) {
		if (is_word(s[i]) || is_in(s[i], bare)) {
			put(o, s + i, 1);
		} else if (s[i] == ' ' && variant & URL_PLUS) {
			put(o, "+", 1);
		} else {
			put(o, "%", 1);
			put_hex(o, (unsigned char)s[i], 2, variant & URL_UPPER);
		}
	}
}

/* ---- JSON ---- */

enum { JSON_SLASH = 1, JSON_HTML = 2, JSON_ASCII = 4, JSON_UPPER = 8 };

static void put_u(struct out *o, unsigned c, int variant)
{
	puts_(o, "\\u");
	put_hex(o, c, 4, variant & JSON_UPPER);
}

static void put_wide(struct out *o, const char *s, size_t len, int variant)
{
	uint32_t c = (unsigned char)s[0] & (0x7fu >> len);
	size_t i;

	for (i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	if (c < 0x10000) {
		put_u(o, c, variant);
		return;
	}
	put_u(o, 0xd800 + ((c - 0x10000) >> 10), variant);
	put_u(o, 0xdc00 + ((c - 0x10000) & 0x3ff), variant);
}

static void put_json_byte(struct out *o, char c, int variant)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";
	const char *found = c ? strchr(from, c) : NULL;

	if (found) {
		put(o, "\\", 1);
		put(o, to + (found - from), 1);
	} else if (c == '/' && variant & JSON_SLASH) {
		puts_(o, "\\/");
	} else if ((unsigned char)c < 0x20 || c == 0x7f ||
	    (variant & JSON_HTML && is_in(c, "<>&'"))) {
		put_u(o, (unsigned char)c, variant);
	} else {
		put(o, &c, 1);
	}
}

static void json(struct out *o, const char *s, size_t n, int variant)
{
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = utf8_char_len(s + i, n - i);
		if (len > 1 && variant & JSON_ASCII) {
			put_wide(o, s + i, len, variant);
			continue;
		}
		len = 1;
		put_json_byte(o, s[i], variant);
	}
}

/* ---- shell ---- */

enum { SHELL_QUOTE, SHELL_DOUBLE_QUOTE, SHELL_BACKSLASH, SHELL_BASH,
	SHELL_IN_DOUBLE, SHELL_ANSI, SHELL_ANSI_OCTAL };

static void put_ansi(struct out *o, char c, bool octal)
{
	static const char from[] = "'\\\a\b\f\n\r\t\v\033";
	static const char to[] = "'\\abfnrtvE";
	const char *found = c ? strchr(from, c) : NULL;
	unsigned char byte = (unsigned char)c;

	if (found) {
		put(o, "\\", 1);
		put(o, to + (found - from), 1);
	} else if (byte < 0x20 || byte == 0x7f || (octal && byte >= 0x80)) {
		put(o, "\\", 1);
		o->p[o->n++] = (char)('0' + (byte >> 6));
		o->p[o->n++] = (char)('0' + (byte >> 3 & 7));
		o->p[o->n++] = (char)('0' + (byte & 7));
	} else {
		put(o, &c, 1);
	}
}

/* Does this way of quoting put a backslash before c? */
static bool has_backslash(char c, int variant)
{
	switch (variant) {
	case SHELL_IN_DOUBLE: return is_in(c, "\"$`\\");
	case SHELL_BASH: return is_in(c, " !\"$&'()*,;<>?[\\]^`{|}");
	default: return !is_word(c) && !is_in(c, "_./:=@%+,-") && !(c & 0x80);
	}
}

static void shell(struct out *o, const char *s, size_t n, int variant)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (variant >= SHELL_ANSI) {
			put_ansi(o, s[i], variant == SHELL_ANSI_OCTAL);
		} else if (variant <= SHELL_DOUBLE_QUOTE && s[i] == '\'') {
			puts_(o, variant == SHELL_QUOTE ? "'\\''" : "'\"'\"'");
		} else {
			if (variant >= SHELL_BACKSLASH &&
			    has_backslash(s[i], variant))
				put(o, "\\", 1);
			put(o, s + i, 1);
		}
	}
}

/* ---- HTML ---- */

static const struct {
	const char *single, *twice;       /* what ' and " become */
} html_quotes[] = {
	{ "'", "\"" }, { "'", "&quot;" }, { "&#39;", "&quot;" },
	{ "&#x27;", "&quot;" }, { "&apos;", "&quot;" }, { "&#39;", "&#34;" },
	{ "&#039;", "&quot;" },
};

static void html(struct out *o, const char *s, size_t n, int variant)
{
	size_t i;

	for (i = 0; i < n; i++) {
		switch (s[i]) {
		case '&': puts_(o, "&amp;"); break;
		case '<': puts_(o, "&lt;"); break;
		case '>': puts_(o, "&gt;"); break;
		case '\'': puts_(o, html_quotes[variant].single); break;
		case '"': puts_(o, html_quotes[variant].twice); break;
		default: put(o, s + i, 1);
		}
	}
}

/* ---- all of them ---- */

static const struct {
	void (*encode)(struct out *o, const char *s, size_t n, int variant);
	int count;              /* variants 0 to count - 1 */
} encoders[] = {
	{ base64, 32 },         /* alignment 3 and end 3 do not exist */
	{ hex, 2 },
	{ url, 16 },
	{ json, 16 },
	{ shell, SHELL_ANSI_OCTAL + 1 },
	{ html, sizeof html_quotes / sizeof *html_quotes },
};

struct sink {
	char *scratch;
	void (*add)(void *ctx, const char *form, size_t n);
	void *ctx;
};

/* A line of a PEM file says nothing, and stands in many. */
static bool is_telling(const char *line, size_t n)
{
	return n >= SECRET_MIN && memcmp(line, "-----", 5) != 0;
}

static void add_lines(const struct sink *sink, const char *s, size_t n)
{
	const char *end = s + n, *next;
	size_t len;

	if (!memchr(s, '\n', n))
		return;
	for (; s < end; s = next + 1) {
		next = memchr(s, '\n', (size_t)(end - s));
		if (!next)
			next = end;
		len = (size_t)(next - s);
		while (len && is_in(s[len - 1], "\r \t"))
			len--;
		for (; len && is_in(*s, " \t"); len--)
			s++;
		if (is_telling(s, len))
			sink->add(sink->ctx, s, len);
	}
}

static void add_encoded(const struct sink *sink, const char *s, size_t n)
{
	struct out o;
	size_t e;
	int v;

	for (e = 0; e < sizeof encoders / sizeof *encoders; e++) {
		for (v = 0; v < encoders[e].count; v++) {
			if (encoders[e].encode == base64 &&
			    ((v & 3) == 3 || (v >> 2 & 3) == 3))
				continue;
			o = (struct out){ sink->scratch, 0 };
			encoders[e].encode(&o, s, n, v);
			sink->add(sink->ctx, o.p, o.n);
		}
	}
}

void mask_forms(const char *value, size_t n, char *scratch,
    void (*add)(void *ctx, const char *form, size_t n), void *ctx)
{
	const struct sink sink = { scratch, add, ctx };
	size_t trimmed = n;

	while (trimmed && is_in(value[trimmed - 1], "\r\n"))
		trimmed--;
	if (trimmed == 0)
		return;
	add(ctx, value, n);
	add(ctx, value, trimmed);
	add_lines(&sink, value, trimmed);
	add_encoded(&sink, value, n);
	if (trimmed < n)
		add_encoded(&sink, value, trimmed);
}
