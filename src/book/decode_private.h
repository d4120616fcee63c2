/* What the files that make a book share. Private to src/book/.
 *
 * files.c reads, layers.c puts template and defaults under a step, field.c
 * decodes by the rows of shapes.c, decode*.c and declare.c build the book,
 * check*.c look at the whole of it, fingerprint.c says what a step means. */
#ifndef CAIRN_BOOK_DECODE_PRIVATE_H
#define CAIRN_BOOK_DECODE_PRIVATE_H

#include "base/map.h"
#include "base/vec.h"
#include "book/decode.h"
#include "yaml/node.h"

struct rx;

/* What a book owns beside its arena, and how names are found. */
struct book_index {
	struct map *hosts, *environments, *checks, *secrets;
	struct map *steps, *phases;     /* of the book itself, by id */
	struct map *step_files;         /* path -> struct step_file */
	VEC(struct step_file *) step_file_list;     /* callees first */
	VEC(struct rx *) patterns;
	VEC(struct source *) sources;
	char hosts_digest[DIGEST_HEX + 1];  /* of all hosts */
};

/* A row, or the row of a kind that may stand there. */
struct row {
	const struct field *field;
	const struct kind_shape *kind;
	const char *key;
	short next;                     /* in its slot, as `first` */
};

#define ROW_SLOTS 128
struct shape_rows {
	const struct shape *shape;
	VEC(struct row) rows;
	short first[ROW_SLOTS];         /* number of a row + 1; 0: none */
	VEC(const struct field *) required;
	const struct field *kind;       /* where a kind is put, or NULL */
};

/* A template, merged with the one that it names. */
struct template {
	const char *name;
	struct mark mark;
	const struct node *node, *merged;
	size_t weight;                  /* nodes in `merged` */
	bool merging;
};

struct decode {
	struct arena *arena;
	struct errs *errs, *warnings;
	const struct book_kinds *kinds;
	const struct book_place *place;
	struct book *book;
	VEC(struct shape_rows) rows;
	struct map *templates;
	struct map *files;              /* path -> number in book->files + 1 */
	VEC(const char *) including;    /* paths, outermost first */
	bool partial;                   /* a template: nothing is required */
	unsigned template_depth;
	size_t layered;                 /* nodes that layers have put in */
};

/* ---- field.c */

/* The row of a key; both members NULL: there is none. */
struct row decode_row(struct decode *d, const struct shape *shape,
    const char *key, size_t n);
/* Complains, and returns -1: "`title` wants text, not a list". */
int decode_wants(struct decode *d, const struct node *node,
    const struct field *f);
/* Complains about a table that is too long to be searched again and again. */
int decode_few(struct decode *d, const struct node *node,
    const struct field *f);
/* Is there an error since `before`? As a result: 0 or -1. */
int decode_result(const struct decode *d, size_t before);
void decode_free_rows(struct decode *d);
/* Adds "did you mean" to the last error when a candidate is near. */
bool hint_near(struct errs *errs, const char *word,
    const char *const *candidates, size_t n);
bool hint_near_key(struct errs *errs, const char *word, const struct map *m);

/* ---- field_types.c */

/* Is the key of a map a name that a book may declare? */
int name_check(struct decode *d, const struct node *key);
/* const struct node *: kept for later, when more is known. What will be asked
 * of them: nothing; a map or a list of a shape (arg); conditions by name; keys
 * of a step, by name or not. */
extern const struct field_type field_node, field_table, field_rows,
    field_checks, field_templates, field_defaults;
/* Is it one of them? */
bool field_is_kept(const struct field_type *type);
/* const char *: the name of a book. */
extern const struct field_type field_book_name;
/* int: only "1". */
extern const struct field_type field_version;
/* enum effect */
extern const struct field_type field_effect;

/* ---- shapes.c */

struct undo_written { struct text *none; struct step step; };
struct capture_written { struct capture capture; const struct node *def; };
struct decl_written { struct decl decl; const struct node *def; };
struct phase_written {
	struct phase phase;
	const struct node *steps;
};
struct file_written {
	struct decls inputs;
	const struct node *defaults, *steps;
	struct assigns outputs;
};
struct host_written { struct host host; };
struct check_written { struct decls inputs; };
struct book_written {
	int version;
	const char *name, *description;
	struct text *title;
	struct decls params;
	struct assigns vars;
	const struct node *secrets, *environments, *hosts, *checks;
	const struct node *templates, *phases, *steps;
};

extern const struct shape book_shape, phase_shape, file_shape, step_shape,
    undo_shape, look_shape, check_shape, declaration_shape, capture_shape,
    host_shape, environment_shape, secret_shape;

/* ---- layers.c */

/* The defaults of a file: keys of a step, or NULL. */
struct defaults {
	const struct node *node;
	size_t weight;
};
/* The step with its template and the file's defaults put under it. NULL after
 * an error. */
const struct node *layers_step(struct decode *d, const struct node *own,
    const struct defaults *defaults);
/* Looks at the keys of `templates` and of `defaults` as such. */
void layers_templates(struct decode *d, const struct node *templates);
struct defaults layers_defaults(struct decode *d,
    const struct node *defaults);
/* The key of the kind that a node names (`include` too), or NULL. */
const struct node_entry *layers_kind(struct decode *d,
    const struct node *node);

/* Is a file captured, which needs to know the host? */
bool layers_captures_path(const struct node *step);

/* ---- files.c */

/* Reads a file below the folder, once; NULL after an error at `mark`. */
const struct book_file *files_read(struct decode *d, const char *path,
    struct mark mark);
/* Reads and parses it. */
const struct node *files_load(struct decode *d, const char *path,
    struct mark mark);
/* May a book name this file? Complains. */
bool files_allowed(struct decode *d, const char *path, struct mark mark);
/* Finds or loads what `include: path` names. */
struct step_file *files_include(struct decode *d, const char *path,
    struct mark mark);

/* ---- decode_step.c, decode_cond.c */

/* Decodes the list of steps of a file (NULL: of the book) or phase. */
void steps_decode(struct decode *d, const struct node *list,
    const struct defaults *defaults, struct step_file *file, struct map *ids,
    struct steps *out);
/* Finds the host that a body names, if it is literal. */
void body_finish(struct decode *d, const struct node *node,
    struct body *body);
int cond_decode(struct decode *d, const struct node *node, struct cond *out);
extern const struct field_type field_undo;

/* ---- declare.c */

int declaration_decode(struct decode *d, const struct node *key,
    const struct node *node, unsigned flags, struct decl *out);
/* "a string", "an int", … */
const char *decl_type_name(int type);
/* What a bare value of YAML means where no type is declared. */
int value_of_node(struct arena *a, const struct node *node,
    struct value *out, struct err *err);

/* ---- check*.c */

/* Everything that needs the whole book. */
void book_check_all(struct decode *d);

/* ---- fingerprint.c */

/* Fills them in, for all steps and files. */
void book_fingerprints(struct book *b);

#endif
