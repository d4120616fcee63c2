/* Words that destroy, and values that no destroying step may get. */
#include "book/shell.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/source.h"

static bool is_blank(char c)
{
	return strchr(" \t\n\r\f\v", c) && c;
}

static bool all_blank(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!is_blank(s[i]))
			return false;
	}
	return true;
}

/* Only "", "." and ".." between slashes: it names a directory that holds
 * everything else. */
static bool is_root_path(const char *s, size_t n)
{
	size_t at, len;

	for (at = 0; at < n; at += len + 1) {
		for (len = 0; at + len < n && s[at + len] != '/'; len++)
			;
		if (len > 2 || (len > 0 && s[at] != '.') ||
		    (len == 2 && s[at + 1] != '.'))
			return false;
	}
	return true;
}

/* One of the names between commas is "_all", or there is more than one. */
static bool is_wide_in_url(const char *s, size_t n)
{
	return memchr(s, '*', n) || memchr(s, ',', n) ||
	    (n == 4 && memcmp(s, "_all", 4) == 0);
}

static int refuse_wild(struct mark mark, const char *what, struct err *err)
{
	err_at(err, mark, "a step that destroys does not start with %s", what);
	return err_hint(err, "if it is meant so, write wild(…)");
}

static int check_string(struct value v, bool url, struct mark mark,
    struct err *err)
{
	const char *s = v.u.string.p;
	size_t n = v.u.string.n;

	if (n == 0)
		return refuse_wild(mark, "an empty value", err);
	if (all_blank(s, n))
		return refuse_wild(mark, "a blank value", err);
	if (is_root_path(s, n))
		return refuse_wild(mark, "\".\", \"..\" or \"/\"", err);
	if (url && is_wide_in_url(s, n))
		return refuse_wild(mark, "\"*\", \",\" or \"_all\" in a URL",
		    err);
	return 0;
}

int wild_check(struct value v, bool url, struct mark mark, struct err *err)
{
	size_t i;

	if (v.flags & VALUE_WILD)
		return 0;
	switch (v.type) {
	case VALUE_NULL:
		return refuse_wild(mark, "null", err);
	case VALUE_UNKNOWN:
		return refuse_wild(mark, "a value that is not known", err);
	case VALUE_STRING:
		return check_string(v, url, mark, err);
	case VALUE_LIST:
		if (v.u.list.n == 0)
			return refuse_wild(mark, "an empty list", err);
		for (i = 0; i < v.u.list.n; i++) {
			if (wild_check(v.u.list.items[i], url, mark, err) ==
			    -1)
				return -1;
		}
		return 0;
	default:
		return 0;
	}
}

/* Text in which a word is looked for. What stands in ${{ }} outside of quotes
 * is blotted out: names of the book are no commands. */
struct search {
	const char *s;
	size_t n;
};

static bool is_letter(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool starts(const struct search *t, size_t at, const char *word)
{
	size_t n = strlen(word);

	return t->n - at >= n && strncasecmp(t->s + at, word, n) == 0;
}

static bool is_word_at(const struct search *t, size_t at, const char *word)
{
	size_t end = at + strlen(word);

	return starts(t, at, word) && (at == 0 || !is_letter(t->s[at - 1])) &&
	    (end == t->n || !is_letter(t->s[end]));
}

/* Does the command go on at this character? */
static bool in_command(const struct search *t, size_t at)
{
	return at < t->n && !strchr(";&|", t->s[at]) &&
	    (t->s[at] != '\n' || t->s[at - 1] == '\\');
}

static bool is_recursive(const struct search *t, size_t at)
{
	if (starts(t, at, "--recursive"))
		return true;
	for (at++; at < t->n && is_letter(t->s[at]); at++) {
		if (t->s[at] == 'r' || t->s[at] == 'R')
			return true;
	}
	return false;
}

/* An option of rm, or an operand of dd, in the rest of the command. */
static bool has_argument(const struct search *t, size_t at,
    bool (*fits)(const struct search *t, size_t at))
{
	for (; in_command(t, at); at++) {
		if (at && (is_blank(t->s[at - 1]) ||
		    strchr("'\"", t->s[at - 1])) && fits(t, at))
			return true;
	}
	return false;
}

static bool is_recursive_option(const struct search *t, size_t at)
{
	return t->s[at] == '-' && is_recursive(t, at);
}

static bool is_output(const struct search *t, size_t at)
{
	return starts(t, at, "of=");
}

static bool is_method_delete(const struct search *t, size_t at)
{
	if (t->s[at] != '-' || at + 2 >= t->n || t->s[at + 1] != 'X' ||
	    (at && (is_letter(t->s[at - 1]) || t->s[at - 1] == '-')))
		return false;
	for (at += 2; at < t->n && (is_blank(t->s[at]) ||
	    strchr("='\"", t->s[at])); at++)
		;
	return at < t->n && starts(t, at, "delete") &&
	    (at + 6 == t->n || !is_letter(t->s[at + 6]));
}

static bool is_commit(const struct search *t, size_t at)
{
	static const char option[] = "--commit";
	size_t end = at + sizeof option - 1;

	if (!starts(t, at, option) || (at && (is_letter(t->s[at - 1]) ||
	    strchr("-_", t->s[at - 1]))))
		return false;
	return end == t->n || !(is_letter(t->s[end]) ||
	    strchr("-_", t->s[end]));
}

static const char *word_at(const struct search *t, size_t at)
{
	static const char *const words[] = { "drop", "delete", "truncate",
		"flush", "wipe", "mkfs", "dropdb", "dropuser", "flushdb",
		"flushall", "shred", "wipefs" };
	size_t i;

	/* most bytes begin none of them */
	if (!strchr("-dDfFmMrRsStTwW", t->s[at]) ||
	    (at && t->s[at] != '-' && is_letter(t->s[at - 1])))
		return NULL;
	if (is_word_at(t, at, "rm") &&
	    has_argument(t, at + 2, is_recursive_option))
		return "rm -r";
	if (is_word_at(t, at, "dd") && has_argument(t, at + 2, is_output))
		return "dd of=";
	if (is_method_delete(t, at))
		return "-X DELETE";
	if (is_commit(t, at))
		return "--commit";
	for (i = 0; i < sizeof words / sizeof *words; i++) {
		if (is_word_at(t, at, words[i]))
			return words[i];
	}
	return NULL;
}

/* Blots out the expression that begins at s[at]; returns what is behind. */
static size_t blot(char *s, size_t n, size_t at)
{
	char quote = 0;

	for (; at < n; at++) {
		if (!quote && n - at >= 2 && memcmp(s + at, "}}", 2) == 0)
			return at + 2;
		if (quote ? s[at] == quote : strchr("'\"", s[at]) != NULL)
			quote = quote ? 0 : s[at];
		else if (!quote)
			s[at] = '.';
	}
	return n;
}

/* A line that is a comment says what it likes. */
static size_t blot_comment(char *s, size_t n, size_t at)
{
	size_t end = at;

	while (end < n && (s[end] == ' ' || s[end] == '\t'))
		end++;
	if (end == n || s[end] != '#')
		return at;
	for (; end < n && s[end] != '\n'; end++)
		s[end] = '.';
	return end;
}

static void blot_all(char *s, size_t n)
{
	size_t at = 0;

	while (at < n) {
		if (at == 0 || s[at - 1] == '\n')
			at = blot_comment(s, n, at);
		if (n - at >= 3 && memcmp(s + at, "${{", 3) == 0)
			at = blot(s, n, at + 3);
		else
			at++;
	}
}

const char *destroying_word_from(const char *s, size_t n, size_t *at)
{
	struct buf copy = BUF_INIT(n);
	struct search t = { NULL, n };
	const char *word = NULL;
	size_t i;

	buf_add(&copy, s, n);
	blot_all(copy.data, n);
	t.s = copy.data;
	for (i = *at; i < n && !word; i++)
		word = word_at(&t, i);
	if (word)
		*at = i - 1;
	buf_free(&copy);
	return word;
}

const char *destroying_word(const char *s, size_t n)
{
	size_t at = 0;

	return destroying_word_from(s, n, &at);
}

/* Is s, without blanks around, "# lint: ok" and a reason? */
static bool is_lint_ok(const char *s, size_t n)
{
	static const char ok[] = "# lint: ok ";
	size_t len = sizeof ok - 1;

	return n > len && memcmp(s, ok, len) == 0 &&
	    !all_blank(s + len, n - len);
}

bool lint_ok_comment(struct mark mark)
{
	const char *s;
	size_t n, i;

	if (!mark.source || !mark.line)
		return false;
	s = source_line(mark.source, mark.line, &n);
	for (i = 0; i < n; i++) {
		if ((i == 0 || is_blank(s[i - 1])) && is_lint_ok(s + i, n - i))
			return true;
	}
	if (mark.line == 1)
		return false;
	s = source_line(mark.source, mark.line - 1, &n);
	for (i = 0; i < n && is_blank(s[i]); i++)
		;
	return is_lint_ok(s + i, n - i);
}
