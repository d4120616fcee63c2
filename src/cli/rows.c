#include "cli/rows.h"

#include <string.h>

#include "base/buf.h"
#include "kind/kind.h"

void
row_wants(const struct field *f, struct buf *out)
{
	const char *const *words = f->arg;
	size_t i;

	if (f->type == &field_enum || f->type == &field_words) {
		buf_adds(out, f->type == &field_enum ? "one of" :
		    "a map, word: one of");
		for (i = 0; words != NULL && words[i] != NULL; i++)
			buf_addf(out, "%s %s", i == 0 ? "" : ",", words[i]);
	} else {
		buf_adds(out, f->type->name);
	}
	if (f->flags & FIELD_REQUIRED)
		buf_adds(out, "; required");
}

/* The schema of a type says that its argument is one. */
const struct shape *
row_shape(const struct field *f)
{
	const char *schema = f->type->schema;

	return f->arg != NULL && schema != NULL &&
	    strstr(schema, "\"$ref\": \"@arg\"") != NULL ? f->arg : NULL;
}

void
row_places(const struct kind *k, struct buf *out)
{
	static const char *const effects[] = {
		[EFFECT_READS] = "reads", [EFFECT_CHANGES] = "changes",
		[EFFECT_DESTROYS] = "destroys",
	};

	buf_adds(out, "in a step");
	if (k->in_look)
		buf_adds(out, k->in_undo ? ", a look" : " or a look");
	if (k->in_undo)
		buf_adds(out, " or an undo");
	if (k->effect_of == NULL && k->effect != EFFECT_DEFAULT)
		buf_addf(out, "; by default it %s", effects[k->effect]);
}
