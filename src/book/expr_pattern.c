#include "book/expr_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rx.h"
#include "yaml/node.h"

#define MATCH_COST 10
/* A pattern that hits its limit took about a second: ten are enough. */
#define LIMIT_COST (LIMIT_EXPR_STEPS / 10)

/* matches() is about the whole text (security.md V1). */
static enum rx_mode mode_of(const struct function *f)
{
	return f->call == fn_matches ? RX_WHOLE : RX_LINES;
}

/* Adds the pattern with "x" for every re(…); false when something else stands
 * there. */
static bool add_pattern(struct buf *out, const struct expr_node *n)
{
	switch (n->op) {
	case OP_LITERAL:
		buf_add(out, n->literal.u.string.p, n->literal.u.string.n);
		return true;
	case OP_ADD:
		return add_pattern(out, n->args[0]) &&
		    add_pattern(out, n->args[1]);
	case OP_CALL:
		buf_addc(out, 'x');
		return n->function->call == fn_re;
	default:
		return false;
	}
}

int pattern_check(struct lexer *l, const struct expr_node *n)
{
	const struct expr_node *pattern = n->args[1];
	struct mark mark = node_mark_at(l->scalar, pattern->at);
	struct buf text = BUF_INIT(LIMIT_EXPR_RESULT);
	struct err err = ERR_INIT;
	struct rx *rx = NULL;

	if (!add_pattern(&text, pattern)) {
		err_at(l->err, mark, "a pattern is a literal, or literals and "
		    "re(x) joined by '+'");
		err_hint(l->err, "write re(…) around what comes from a value");
	} else {
		rx = rx_compile(text.data, text.len, mode_of(n->function),
		    &err);
		err_place(&err, mark);
	}
	err_move(l->err, &err);
	buf_free(&text);
	if (!rx)
		return -1;
	rx_free(rx);
	return 0;
}

static struct pattern_kept *kept(struct eval *ev, const struct expr_node *n)
{
	struct pattern_kept *p;

	for (p = ev->patterns; p; p = p->next) {
		if (p->node == n)
			return p;
	}
	p = arena_alloc(ev->arena, sizeof *p);
	p->node = n;
	p->next = ev->patterns;
	ev->patterns = p;
	return p;
}

const struct rx *pattern_get(const struct call *c)
{
	struct pattern_kept *p = kept(c->ev, c->node);
	struct err err = ERR_INIT;

	if (p->rx && value_equal(p->text, c->args[1]))
		return p->rx;
	rx_free(p->rx);
	p->text = c->args[1];
	p->rx = rx_compile(p->text.u.string.p, p->text.u.string.n,
	    mode_of(c->node->function), &err);
	if (!p->rx) {
		call_fail(c, 1, "%s", c->args[1].flags & VALUE_SECRET ?
		    "the pattern is wrong" : err.text);
		err_free(&err);
	}
	return p->rx;
}

static int gave_up(struct call *c, struct value *out)
{
	*out = value_unknown("the pattern took too long on this text");
	return eval_spend(c->ev, c->node, LIMIT_COST);
}

int fn_matches(struct call *c, struct value *out)
{
	const struct rx *rx = pattern_get(c);
	size_t n = c->args[0].u.string.n;

	if (!rx || eval_spend(c->ev, c->node, MATCH_COST + n / KIB) < 0)
		return -1;
	switch (rx_match(rx, c->args[0].u.string.p, n, 0, NULL, 0)) {
	case RX_NO: *out = value_bool(false); return 0;
	case RX_YES: *out = value_bool(true); return 0;
	case RX_LIMIT: break;
	}
	return gave_up(c, out);
}

/* Copies the character at `at`; behind an empty match the search goes on
 * after it. */
static size_t copy_char(struct buf *text, struct value v, size_t at)
{
	size_t n = v.u.string.n - at, len;

	if (n == 0)
		return 1;
	len = utf8_char_len(v.u.string.p + at, n);
	if (len == 0)
		len = 1;
	buf_add(text, v.u.string.p + at, len);
	return len;
}

static enum rx_answer replace_all(struct call *c, const struct rx *rx,
    struct buf *text)
{
	struct value v = c->args[0], by = c->args[2];
	enum rx_answer answer = RX_YES;
	size_t at = 0, groups[2];

	while (at <= v.u.string.n && !text->cut) {
		answer = rx_match(rx, v.u.string.p, v.u.string.n, at, groups,
		    1);
		if (answer != RX_YES)
			break;
		if (eval_spend(c->ev, c->node, MATCH_COST +
		    (v.u.string.n - at) / KIB) < 0)
			return RX_LIMIT;
		buf_add(text, v.u.string.p + at, groups[0] - at);
		buf_add(text, by.u.string.p, by.u.string.n);
		at = groups[1];
		if (groups[0] == groups[1])
			at += copy_char(text, v, at);
	}
	if (at < v.u.string.n)
		buf_add(text, v.u.string.p + at, v.u.string.n - at);
	return answer;
}

int fn_replace(struct call *c, struct value *out)
{
	struct buf text = BUF_INIT(c->ev->max_bytes);
	const struct rx *rx = pattern_get(c);

	if (!rx)
		return -1;
	if (replace_all(c, rx, &text) != RX_LIMIT)
		return call_arg_text(c, &text, out);
	buf_free(&text);
	return c->ev->exhausted ? -1 : gave_up(c, out);
}
