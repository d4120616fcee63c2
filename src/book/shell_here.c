/* Here-documents: where they begin, and their bodies behind the newline. */
#include "book/shell_private.h"

#include <string.h>

#include "base/arena.h"

static const struct refusal refusal_quoted_here = {
	"a value cannot stand in a here-document whose delimiter is quoted",
	"leave the quotes of the delimiter out, or hand the value over by env:",
};

static bool ends_delimiter(int c)
{
	return c == END || (c > 0 && strchr(" \t\n;&|<>()", c));
}

/* Copies what stands up to the closing quote. */
static void quoted_delimiter(struct lexer *lx, int quote)
{
	sh_copy(lx, 1);
	while (sh_peek(lx, 0) != quote) {
		if (sh_peek(lx, 0) == END || sh_peek(lx, 0) == '\n' ||
		    sh_peek(lx, 0) == '\\')
			sh_unsure(lx, "this delimiter of a here-document",
			    "use a plain word");
		if (lx->stopped)
			return;
		sh_add(lx);
	}
	sh_copy(lx, 1);
}

static void delimiter(struct lexer *lx, struct here *h)
{
	size_t start = lx->scratch.len;
	int c;

	while (!ends_delimiter(c = sh_peek(lx, 0))) {
		if (c == '\'' || c == '"') {
			h->quoted = true;
			quoted_delimiter(lx, c);
		} else if (c == '\\' && sh_peek(lx, 1) == '\n') {
			lx->pos += 2;
		} else if (c == '\\') {
			h->quoted = true;
			sh_copy(lx, 1);
			sh_add(lx);
		} else if (c == EXPR || c == '$' || c == '`') {
			sh_unsure(lx, "this delimiter of a here-document",
			    "use a plain word");
		} else {
			sh_add(lx);
		}
	}
	h->len = lx->scratch.len - start;
	h->delimiter = arena_strndup(lx->arena, lx->scratch.data + start,
	    h->len);
	buf_truncate(&lx->scratch, start);
}

void here_begin(struct lexer *lx)
{
	struct here h = { 0 };

	if (sh_peek(lx, 0) == '-') {
		h.strip = true;
		sh_copy(lx, 1);
	}
	sh_blanks(lx);
	delimiter(lx, &h);
	vec_push(&lx->pending, h);
}

static size_t line_end(const struct lexer *lx, size_t at)
{
	const char *nl = memchr(lx->in + at, '\n', lx->end - at);

	return nl ? (size_t)(nl - lx->in) : lx->end;
}

static bool is_delimiter(const struct lexer *lx, const struct here *h,
    size_t at, size_t end)
{
	while (h->strip && at < end && lx->in[at] == '\t')
		at++;
	return end - at == h->len &&
	    memcmp(lx->in + at, h->delimiter, h->len) == 0;
}

/* A line that ends in "\" goes on in the next one. */
static bool goes_on(const struct lexer *lx, size_t at, size_t end)
{
	size_t n = 0;

	while (end - n > at && lx->in[end - n - 1] == '\\')
		n++;
	return n % 2 == 1;
}

/* Position of the line that ends the here-document, or lx->end. */
static size_t find_end(const struct lexer *lx, const struct here *h)
{
	size_t at, end;
	bool joined = false;

	for (at = lx->pos; at < lx->end; at = end + 1) {
		end = line_end(lx, at);
		if (!joined && is_delimiter(lx, h, at, end))
			return at;
		joined = !h->quoted && goes_on(lx, at, end);
	}
	return lx->end;
}

static void quoted_body(struct lexer *lx)
{
	while (sh_peek(lx, 0) != END) {
		if (sh_peek(lx, 0) == EXPR)
			sh_value(lx, BARE);
		else
			sh_copy(lx, 1);
	}
}

static void body(struct lexer *lx, const struct here *h)
{
	size_t at = find_end(lx, h), end = lx->end;
	const struct refusal *outer = lx->forbid;

	if (at >= end && (h->len || !end || lx->in[end - 1] != '\n'))
		sh_unsure(lx, "a here-document without the line that ends it",
		    NULL);
	if (!outer)
		lx->forbid = h->quoted ? &refusal_quoted_here : h->forbid;
	lx->end = at;
	if (h->quoted)
		quoted_body(lx);
	else
		sh_body(lx);
	lx->end = end;
	lx->forbid = outer;
	sh_copy(lx, line_end(lx, at) + 1 - at);
}

void here_bodies(struct lexer *lx)
{
	size_t n = lx->pending.n, i;
	struct here *list = arena_memdup(lx->arena, lx->pending.v,
	    n * sizeof *list);

	lx->pending.n = 0;
	for (i = 0; i < n; i++)
		body(lx, &list[i]);
}
