/* Text to nodes, by libyaml's events. */
#ifndef CAIRN_YAML_LOAD_H
#define CAIRN_YAML_LOAD_H

struct arena;
struct err;
struct errs;
struct node;
struct source;

/* Loads the only document of `source`. The nodes point into `arena`; their
 * marks point to `source`, which must live as long. Refused, each with its own
 * message and place: duplicate keys (all are reported), several documents, an
 * empty file, bytes that are no UTF-8, tags, "<<", keys that are no text,
 * nesting beyond LIMIT_YAML_DEPTH, more than LIMIT_YAML_ALIAS_NODES nodes by
 * aliases, an alias to a node that contains it, and libyaml's own complaints,
 * with what they mean for the author (tabs; a bare value that begins with a
 * quote, !, *, &, @, %, > or |; "{a: ${{ x }}}" in flow style; ": " inside a
 * bare value). Returns NULL after adding at least one error. */
struct node *yaml_load(struct arena *arena, const struct source *source,
    struct errs *errs);

#endif
