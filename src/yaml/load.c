#include "yaml/load.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/source.h"
#include "base/str.h"
#include "base/vec.h"
#include "yaml/check.h"
#include "yaml/node.h"
#include "yaml/spot.h"
#include "yaml/trap.h"

struct anchor {
	struct node *node;
	size_t weight;          /* nodes in it, aliases counted as copies */
	size_t height;          /* levels in it, likewise */
	const char *name;
	struct mark mark;
	bool open;              /* its end was not seen yet */
	bool used;
};

/* A list or map whose end was not seen yet. */
struct frame {
	struct node *node;
	struct anchor *anchor;
	size_t first;           /* its first child among the pending */
	size_t weight, height;
};

struct loader {
	struct arena *arena;
	const struct source *source;
	struct errs *errs;
	size_t errs_before;
	struct map *anchors;
	VEC(struct anchor *) all_anchors;
	VEC(struct frame) frames;
	VEC(struct node *) pending;    /* children of all open frames */
	size_t alias_nodes;
	struct node *root;
	bool done;
};

static struct mark mark_of(const struct loader *l, yaml_mark_t mark)
{
	return spot_mark(l->source, mark);
}

static struct node *new_node(struct loader *l, enum node_type type,
    const yaml_event_t *event)
{
	struct node *n = arena_alloc(l->arena, sizeof *n);

	n->type = type;
	n->mark = mark_of(l, event->start_mark);
	n->end_line = (unsigned)event->end_mark.line + 1;
	n->end_col = (unsigned)event->end_mark.column + 1;
	return n;
}

static bool is_key_next(const struct loader *l)
{
	const struct frame *f;

	if (l->frames.n == 0)
		return false;
	f = &l->frames.v[l->frames.n - 1];
	return f->node->type == NODE_MAP && (l->pending.n - f->first) % 2 == 0;
}

/* Puts a node to its place in the tree, which is `height` levels high and
 * stands for `weight` nodes. */
static int add_node(struct loader *l, struct node *n, size_t weight,
    size_t height)
{
	struct frame *f;

	if (l->frames.n + height > LIMIT_YAML_DEPTH) {
		errs_add(l->errs, n->mark, "nested more than %d levels deep",
		    LIMIT_YAML_DEPTH);
		return -1;
	}
	if (l->frames.n == 0) {
		l->root = n;
		return 0;
	}
	if (is_key_next(l))
		check_key(n, l->errs);
	f = &l->frames.v[l->frames.n - 1];
	f->weight += weight;
	if (f->height < height + 1)
		f->height = height + 1;
	vec_push(&l->pending, n);
	return 0;
}

/* YAML puts the mark of a node with an anchor at the "&". */
static void step_over_anchor(struct node *n, const char *anchor)
{
	size_t len, begin, at;
	const char *line = source_line(n->mark.source, n->mark.line, &len);

	begin = utf8_skip(line, len, n->mark.col - 1);
	at = begin + 1 + strlen(anchor);
	while (at < len && line[at] == ' ')
		at++;
	if (at < len && line[at] != '#')
		n->mark.col += (unsigned)(at - begin);
}

static struct anchor *new_anchor(struct loader *l, struct node *n,
    struct mark mark, const yaml_char_t *name, bool open)
{
	struct anchor *a;

	if (!name)
		return NULL;
	a = arena_alloc(l->arena, sizeof *a);
	*a = (struct anchor){ .node = n, .weight = 1, .open = open,
		.name = arena_strdup(l->arena, (const char *)name),
		.mark = mark };
	map_put(l->anchors, (const char *)name, a);
	vec_push(&l->all_anchors, a);
	return a;
}

static enum node_style style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE: return STYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return STYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE: return STYLE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE: return STYLE_FOLDED;
	default: return STYLE_PLAIN;
	}
}

/* Columns that YAML removed from a block: those that the first line with
 * something on it has more in the file than in the value. */
static unsigned block_indent(const struct node *n)
{
	size_t begin = 0, at, len, blanks = 0;
	unsigned line = n->mark.line + 1;
	const char *text;

	for (at = 0; at < n->len && strchr(" \n", n->text[at]); at++) {
		if (n->text[at] == '\n') {
			begin = at + 1;
			line++;
		}
	}
	text = source_line(n->mark.source, line, &len);
	while (blanks < len && text[blanks] == ' ')
		blanks++;
	return blanks > at - begin ? (unsigned)(blanks - (at - begin)) : 0;
}

static void check_scalar(struct loader *l, const struct node *n)
{
	const struct frame *f;

	if (n->style == STYLE_DOUBLE && memchr(n->text, '\0', n->len))
		errs_add(l->errs, n->mark, "text may not hold a NUL character");
	if (l->frames.n == 0 || n->style != STYLE_PLAIN)
		return;
	f = &l->frames.v[l->frames.n - 1];
	if (f->node->flow)
		trap_flow_scalar(n, l->errs);
}

static int on_scalar(struct loader *l, const yaml_event_t *event)
{
	struct node *n = new_node(l, NODE_SCALAR, event);
	const char *value = (const char *)event->data.scalar.value;
	const yaml_char_t *anchor = event->data.scalar.anchor;
	struct mark mark;

	n->len = event->data.scalar.length;
	n->text = arena_strndup(l->arena, value, n->len);
	n->style = style_of(event->data.scalar.style);
	mark = n->mark;
	if (event->data.scalar.tag)
		trap_indicator(mark, l->errs);
	if (anchor)
		step_over_anchor(n, (const char *)anchor);
	if (n->style >= STYLE_LITERAL)
		n->indent = block_indent(n);
	check_scalar(l, n);
	new_anchor(l, n, mark, anchor, false);
	return add_node(l, n, 1, 0);
}

static int open_frame(struct loader *l, struct node *n,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct frame f = { .node = n, .weight = 1, .height = 1 };

	if (tag)
		trap_indicator(n->mark, l->errs);
	f.anchor = new_anchor(l, n, n->mark, anchor, true);
	if (n->flow && anchor)
		step_over_anchor(n, (const char *)anchor);
	if (add_node(l, n, 0, 1) < 0)
		return -1;
	f.first = l->pending.n;
	vec_push(&l->frames, f);
	return 0;
}

static int on_list(struct loader *l, const yaml_event_t *event)
{
	struct node *n = new_node(l, NODE_LIST, event);

	n->flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	return open_frame(l, n, event->data.sequence_start.anchor,
	    event->data.sequence_start.tag);
}

static int on_map(struct loader *l, const yaml_event_t *event)
{
	struct node *n = new_node(l, NODE_MAP, event);

	n->flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	return open_frame(l, n, event->data.mapping_start.anchor,
	    event->data.mapping_start.tag);
}

static void fill_node(struct loader *l, struct node *n, struct node **children,
    size_t count)
{
	size_t i;

	if (n->type == NODE_LIST) {
		n->count = count;
		n->items = arena_memdup(l->arena, children,
		    count * sizeof *children);
		return;
	}
	n->count = count / 2;
	n->entries = arena_array(l->arena, n->count, sizeof *n->entries);
	for (i = 0; i < n->count; i++) {
		n->entries[i].key = children[2 * i];
		n->entries[i].value = children[2 * i + 1];
	}
	check_duplicates(n, l->errs);
}

static int on_end(struct loader *l, const yaml_event_t *event)
{
	struct frame f = l->frames.v[--l->frames.n], *outer;

	f.node->end_line = (unsigned)event->end_mark.line + 1;
	f.node->end_col = (unsigned)event->end_mark.column + 1;
	fill_node(l, f.node, l->pending.v + f.first, l->pending.n - f.first);
	l->pending.n = f.first;
	if (f.anchor) {
		f.anchor->weight = f.weight;
		f.anchor->height = f.height;
		f.anchor->open = false;
	}
	if (l->frames.n) {
		outer = &l->frames.v[l->frames.n - 1];
		outer->weight += f.weight;
		if (outer->height < f.height + 1)
			outer->height = f.height + 1;
	}
	return 0;
}

static int on_alias(struct loader *l, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct mark mark = mark_of(l, event->start_mark);
	struct anchor *a = map_get(l->anchors, name);

	if (!a) {
		trap_indicator(mark, l->errs);
		return add_node(l, new_node(l, NODE_SCALAR, event), 1, 0);
	}
	a->used = true;
	if (a->open) {
		errs_add(l->errs, mark, "alias '*%s' stands inside of what it "
		    "refers to", name);
		return -1;
	}
	l->alias_nodes += a->weight;
	if (l->alias_nodes > LIMIT_YAML_ALIAS_NODES) {
		errs_add(l->errs, mark, "aliases stand for more than %d nodes",
		    LIMIT_YAML_ALIAS_NODES);
		return -1;
	}
	return add_node(l, a->node, a->weight, a->height);
}

static int on_document(struct loader *l, const yaml_event_t *event)
{
	if (!l->root)
		return 0;
	errs_add(l->errs, mark_of(l, event->start_mark),
	    "a second document begins here; a file of the book holds one");
	return -1;
}

static int on_event(struct loader *l, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT: return on_document(l, event);
	case YAML_ALIAS_EVENT: return on_alias(l, event);
	case YAML_SCALAR_EVENT: return on_scalar(l, event);
	case YAML_SEQUENCE_START_EVENT: return on_list(l, event);
	case YAML_MAPPING_START_EVENT: return on_map(l, event);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: return on_end(l, event);
	case YAML_STREAM_END_EVENT: l->done = true; return 0;
	default: return 0;
	}
}

static int read_events(struct loader *l, yaml_parser_t *parser)
{
	yaml_event_t event;
	int result = 0;

	while (result == 0 && !l->done) {
		if (!yaml_parser_parse(parser, &event)) {
			trap_parser(parser, l->source, l->errs);
			return -1;
		}
		result = on_event(l, &event);
		yaml_event_delete(&event);
	}
	return result;
}

/* "run: &x y" says y, and nobody notices, unless somebody looks. */
static void check_anchors(struct loader *l)
{
	const struct anchor *a;
	size_t i;

	for (i = 0; i < l->all_anchors.n; i++) {
		a = l->all_anchors.v[i];
		if (a->used || a->node->type != NODE_SCALAR ||
		    a->node->style != STYLE_PLAIN)
			continue;
		errs_add(l->errs, a->mark, "'&%s' is an anchor to YAML, and "
		    "nothing refers to it", a->name);
		errs_hint(l->errs, "put the whole value in quotes if the '&' "
		    "belongs to it");
	}
}

static bool is_good(const struct loader *l)
{
	return l->errs->list.n == l->errs_before;
}

static void load(struct loader *l)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		BUG("libyaml: no memory");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser,
	    (const unsigned char *)l->source->text, l->source->len);
	if (read_events(l, &parser) == 0) {
		check_anchors(l);
		if (is_good(l) && (!l->root || node_is_null(l->root)))
			errs_add(l->errs, (struct mark){ l->source, 1, 1 },
			    "the file is empty");
	}
	yaml_parser_delete(&parser);
}

struct node *yaml_load(struct arena *arena, const struct source *source,
    struct errs *errs)
{
	struct loader l = { .arena = arena, .source = source, .errs = errs,
		.errs_before = errs->list.n };

	if (check_bytes(source, errs) < 0)
		return NULL;
	l.anchors = map_new();
	load(&l);
	map_free(l.anchors);
	vec_free(&l.all_anchors);
	vec_free(&l.frames);
	vec_free(&l.pending);
	return is_good(&l) ? l.root : NULL;
}
