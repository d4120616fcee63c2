/* The keys of the language, one table a shape. */
#include "book/decode_private.h"

/* Known words of later stages; each is refused by its name. */
#define LATER(key) { key, &field_later, 0, FIELD_LATER, NULL, "Not built yet." }

static const char *const picks[] = { "one", "first", "last", "all", NULL };

/* ---- declarations and captures */

#define DECL(m) offsetof(struct decl_written, decl.m)

static const struct field declaration_fields[] = {
	{ "type", &field_enum, DECL(type), FIELD_REQUIRED, decl_type_words,
	  "What the value is." },
	{ "required", &field_bool, DECL(required), 0, NULL,
	  "Must it be given?" },
	{ "default", &field_node, offsetof(struct decl_written, def), 0, NULL,
	  "What it is when nobody gives it; `null` for nothing." },
	{ "pattern", &field_plain, DECL(pattern_text), 0, NULL,
	  "A PCRE2 pattern for the whole value of a string or path." },
	{ "of", &field_plains, DECL(of), 0, NULL, "The words of an enum." },
	{ "multiline", &field_bool, DECL(multiline), 0, NULL,
	  "May a string have more than one line?" },
	{ "help", &field_plain, DECL(help), 0, NULL,
	  "What it is for; shown to who has to give it." },
	{ 0 }
};
const struct shape declaration_shape = {
	"a declaration", declaration_fields, sizeof(struct decl_written),
	"A param, an input or a field of a gate.",
};

#define CAPTURE(m) offsetof(struct capture_written, capture.m)

static const struct field capture_fields[] = {
	{ "match", &field_pattern, CAPTURE(match), FIELD_NO_SECRET, NULL,
	  "A pattern for the output, per line: its first group, else the "
	  "whole match, is the value." },
	{ "pick", &field_enum, CAPTURE(pick), 0, picks,
	  "Which match: one (exactly one, the default), first, last, all." },
	{ "type", &field_enum, CAPTURE(type), 0, decl_type_words,
	  "What the text is converted to; by default a string." },
	{ "default", &field_node, offsetof(struct capture_written, def), 0,
	  NULL, "What it is when nothing matches." },
	{ "path", &field_text, CAPTURE(path), FIELD_NO_SECRET, NULL,
	  "A file on the host: gives its name, path, size and sha256." },
	{ 0 }
};
const struct shape capture_shape = {
	"a capture", capture_fields, sizeof(struct capture_written),
	"What is remembered of the output, or of a file.",
};

/* ---- looks and checks */

#define COND(m) offsetof(struct cond, m)

static const struct field look_fields[] = {
	{ "check", &field_name, COND(check_name), 0, NULL,
	  "A named check; with nothing but `with`, `title` and `when`." },
	{ "with", &field_assigns, COND(with), FIELD_NO_SECRET, NULL,
	  "Inputs of the check." },
	{ "title", &field_text, COND(title), FIELD_NO_SECRET, NULL,
	  "What is looked at; by default the text of the look." },
	{ "when", &field_expr, COND(when), FIELD_NO_SECRET, NULL,
	  "When this is false the look is not made and counts as yes." },
	{ "host", &field_text, COND(body.host_text),
	  FIELD_NO_SECRET | FIELD_PROGRAM, NULL, "Where; by default local." },
	{ "cwd", &field_text, COND(body.cwd), FIELD_NO_SECRET | FIELD_PROGRAM,
	  NULL, "The directory, which must exist." },
	{ "env", &field_env, COND(body.env), FIELD_PROGRAM, NULL,
	  "Environment variables." },
	{ "stdin", &field_input, COND(body.input), FIELD_PROGRAM, NULL,
	  "The input: text, or {file: a file of the book}." },
	{ "timeout", &field_duration, COND(timeout), 0, NULL,
	  "After this the answer is \"cannot tell\"; by default 60s." },
	{ "ok_exit", &field_ints, COND(ok_exit), FIELD_PROGRAM, NULL,
	  "Statuses with which the look counts; by default 0." },
	{ "capture", &field_captures, COND(capture), 0, NULL,
	  "Values for `holds`." },
	{ "holds", &field_expr, COND(holds), FIELD_NO_SECRET, NULL,
	  "Over `self`, what the look saw: yes or no?" },
	{ "kind", &field_kind, COND(body), 0, "look",
	  "What is looked at: one kind that reads, by its own key." },
	LATER("as"), LATER("fresh_cwd"), LATER("stable"), LATER("pin"),
	LATER("http"), LATER("sql"), LATER("dns"), LATER("inspect"),
	LATER("endpoint"),
	{ 0 }
};
const struct shape look_shape = {
	"a look", look_fields, sizeof(struct cond),
	"A condition that looks at the world, or names a check that does.",
};

static const struct field check_fields[] = {
	{ "inputs", &field_declarations, offsetof(struct check_written,
	  inputs), FIELD_INPUTS, NULL, "What `with` has to give." },
	{ 0 }
};
const struct shape check_shape = {
	"a check", check_fields, sizeof(struct check_written),
	"A named look: the keys of a look, and `inputs`.",
};

/* ---- when a step fails */

static const char *const events[] = { "any", "failed", "unknown", "stopped",
	NULL };

static const struct field trouble_fields[] = {
	{ "match", &field_pattern, offsetof(struct trouble, match),
	  FIELD_NO_SECRET, NULL, "A pattern for its output and error output, "
	  "per line; by default the row fits any failure." },
	{ "event", &field_enum, offsetof(struct trouble, event), 0, events,
	  "How the step ended: failed, unknown, stopped; by default any." },
	{ "say", &field_text, offsetof(struct trouble, say),
	  FIELD_REQUIRED | FIELD_NO_SECRET, NULL,
	  "What this means, and what to do." },
	{ "offer", &field_plains, offsetof(struct trouble, offer), 0, NULL,
	  "Words of the command line that help now, such as `retry`." },
	{ 0 }
};
static const struct shape trouble_shape = {
	"a row of `trouble`", trouble_fields, sizeof(struct trouble),
	"What is known about a failure; the first row that fits is shown.",
};

static const struct field retry_fields[] = {
	{ "times", &field_int, offsetof(struct retry, times), FIELD_REQUIRED,
	  NULL, "How many further attempts." },
	{ "delay", &field_duration, offsetof(struct retry, delay), 0, NULL,
	  "How long to rest before each; by default 10s." },
	{ 0 }
};
static const struct shape retry_shape = {
	"a `retry`", retry_fields, sizeof(struct retry),
	"A step that failed is tried again by itself.",
};

/* ---- steps */

#define STEP(m) offsetof(struct step, m)
#define NS FIELD_NO_SECRET
#define CALLER FIELD_CALLER

/* Bodies: what a step and an undo have in common. */
#define BODY_ROWS(M, place) \
	{ "kind", &field_kind, M(body), 0, place, \
	  "What is done: at most one kind, by its own key." }, \
	{ "title", &field_text, M(title), NS | CALLER | TITLE_FLAGS, NULL, \
	  "What is done, in a few words." }, \
	{ "host", &field_text, M(body.host_text), NS, NULL, \
	  "Where; by default local, this machine." }, \
	{ "cwd", &field_text, M(body.cwd), NS | FIELD_PROGRAM, NULL, \
	  "The directory, which must exist; by default the run's work/." }, \
	{ "env", &field_env, M(body.env), FIELD_PROGRAM | FIELD_BY_KEY, NULL, \
	  "Environment variables; a secret may stand here." }, \
	{ "stdin", &field_input, M(body.input), FIELD_PROGRAM, NULL, \
	  "The input: text, or {file: a file of the book}; by default " \
	  "nothing." }, \
	{ "include", &field_plain, M(include_path), CALLER, NULL, \
	  "A file of steps." }, \
	{ "with", &field_assigns, M(with), CALLER | FIELD_BY_KEY, NULL, \
	  "Inputs for the included file." }, \
	{ "require", &field_conditions, M(require), CALLER | FIELD_ADDS_UP, \
	  NULL, "Conditions before; no: failed, and nothing was done." }, \
	{ "done_when", &field_conditions, M(done_when), \
	  CALLER | FIELD_ADDS_UP, NULL, \
	  "Conditions about the world: asked before (already so: done), " \
	  "after an interruption, and after the work." }, \
	{ "verify", &field_conditions, M(verify), CALLER | FIELD_ADDS_UP, \
	  NULL, "Conditions after; may use `self`." }, \
	{ "within", &field_duration, M(within), CALLER, NULL, \
	  "Look again at done_when and verify for so long." }, \
	{ "every", &field_duration, M(every), CALLER, NULL, \
	  "So often; by default 5s, at a gate 30s." }, \
	{ "expect", &field_patterns, M(expect), \
	  NS | FIELD_PROGRAM | FIELD_ADDS_UP, NULL, \
	  "Patterns that the output must have, all of them." }, \
	{ "refuse", &field_patterns, M(refuse), \
	  NS | FIELD_PROGRAM | FIELD_ADDS_UP, NULL, \
	  "Patterns that the output must not have." }, \
	{ "ok_exit", &field_ints, M(ok_exit), FIELD_PROGRAM, NULL, \
	  "Statuses that count as success; by default 0." }, \
	{ "effect", &field_effect, M(effect), 0, NULL, \
	  "reads, changes or destroys; the default depends on the kind." }, \
	{ "targets", &field_plains, M(targets), 0, NULL, \
	  "Environments (or hosts without one) whose identity is proven " \
	  "directly before." }, \
	{ "repeatable", &field_bool, M(repeatable), 0, NULL, \
	  "true: running it again after an interruption does no harm." }, \
	{ "timeout", &field_duration, M(timeout), 0, NULL, \
	  "A step that reads is stopped then; any other is announced." }

#define LATER_ROWS \
	LATER("as"), LATER("fresh_cwd"), LATER("prompts"), LATER("tty"), \
	LATER("http"), LATER("copy"), LATER("sql"), LATER("dns"), \
	LATER("inspect"), LATER("reconcile"), LATER("preflight"), \
	LATER("handover"), LATER("endpoint")

static const char *const each_failures[] = { "stop", "collect", NULL };

#define EACH(m) offsetof(struct for_each, m)
static const struct field for_each_fields[] = {
	{ "in", &field_expr, EACH(in), FIELD_REQUIRED | NS, NULL,
	  "The list; evaluated once, when the step's turn comes." },
	{ "key", &field_expr, EACH(key), NS, NULL,
	  "What an item is called, over `item`: a string, unlike all others; "
	  "by default the item itself." },
	{ "title", &field_text, EACH(title), NS, NULL,
	  "The title of one item; by default the step's." },
	{ "parallel", &field_int, EACH(parallel), 0, NULL,
	  "How many items at a time; by default 1." },
	{ "on_failure", &field_enum, EACH(on_failure), 0, each_failures,
	  "After a failure begin no new item (stop, the default), or do all "
	  "of them (collect); the step has failed either way." },
	{ 0 }
};
static const struct shape for_each_shape = {
	"a for_each", for_each_fields, sizeof(struct for_each),
	"Does a step once for each item of a list.",
};

#define TITLE_FLAGS (FIELD_REQUIRED | FIELD_OWN)
static const struct field step_fields[] = {
	{ "id", &field_name, STEP(id), FIELD_REQUIRED | FIELD_OWN | CALLER,
	  NULL, "Its name, in expressions and on the command line." },
	{ "ref", &field_plain, STEP(ref), CALLER, NULL,
	  "Which lines of the procedure this is." },
	{ "when", &field_expr, STEP(when), NS | CALLER, NULL,
	  "false: the step is skipped, and its values are null." },
	{ "template", &field_plain, STEP(template_name), CALLER, NULL,
	  "A template whose keys lie under this step's own." },
	BODY_ROWS(STEP, "step"),
	{ "capture", &field_captures, STEP(capture), NS | FIELD_BY_KEY, NULL,
	  "Values that later steps use as steps.ID.NAME." },
	{ "allowed_by", &field_name, STEP(allowed_by), FIELD_OWN, NULL,
	  "The gate that allows this destruction." },
	{ "undo", &field_undo, STEP(undo), CALLER, NULL,
	  "How this is taken back, or {none: why}." },
	{ "for_each", &field_shape, STEP(each), FIELD_OWN | CALLER,
	  &for_each_shape, "Once for each item of a list." },
	{ "trouble", &field_shape_list, STEP(trouble),
	  CALLER | FIELD_ADDS_UP, &trouble_shape,
	  "What a failure means and what to do: the first row that fits." },
	{ "retry", &field_shape, STEP(retry), 0, &retry_shape,
	  "{times, delay}: a repeatable step that failed is tried again." },
	LATER("variants"), LATER("opens"), LATER("closes"),
	LATER("point_of_no_return"), LATER("stopped_when"), LATER("stall"),
	LATER("waive"), LATER("environment"),
	LATER("was"), LATER("fresh"), LATER("progress"),
	LATER_ROWS,
	{ 0 }
};
const struct shape step_shape = {
	"a step", step_fields, sizeof(struct step),
	"One thing that is done, with what has to be so before and after.",
};
#undef TITLE_FLAGS

#define UNDO(m) offsetof(struct undo_written, step.m)
#define TITLE_FLAGS 0
static const struct field undo_fields[] = {
	{ "none", &field_text, offsetof(struct undo_written, none), NS, NULL,
	  "Why there is nothing to take back, or no way; stands alone." },
	BODY_ROWS(UNDO, "undo"),
	LATER_ROWS,
	{ 0 }
};
const struct shape undo_shape = {
	"an undo", undo_fields, sizeof(struct undo_written),
	"How a step is taken back: a step of its own.",
};

/* ---- files and phases */

#define FILE_(m) offsetof(struct file_written, m)

static const struct field file_fields[] = {
	{ "inputs", &field_declarations, FILE_(inputs), FIELD_INPUTS, NULL,
	  "What `with` has to give." },
	{ "defaults", &field_defaults, FILE_(defaults), 0, NULL,
	  "Keys of a step that lie under all steps of the file." },
	{ "steps", &field_rows, FILE_(steps), FIELD_REQUIRED, &step_shape,
	  "The steps." },
	{ "outputs", &field_exprs, FILE_(outputs), FIELD_NO_SECRET, NULL,
	  "What the caller sees, name: expression." },
	{ 0 }
};
const struct shape file_shape = {
	"a step file", file_fields, sizeof(struct file_written),
	"A file that `include` names.",
};

#define PHASE(m) offsetof(struct phase_written, m)

static const struct field phase_fields[] = {
	{ "id", &field_name, PHASE(phase.id), FIELD_REQUIRED, NULL,
	  "Its name." },
	{ "title", &field_text, PHASE(phase.title), FIELD_REQUIRED | NS, NULL,
	  "What it is, in a few words." },
	{ "when", &field_expr, PHASE(phase.when), NS, NULL,
	  "false: all its steps are skipped." },
	{ "steps", &field_rows, PHASE(steps), 0, &step_shape, "Its steps." },
	{ "include", &field_plain, PHASE(phase.include_path), 0, NULL,
	  "The file with its steps." },
	LATER("environment"), LATER("lock"), LATER("needs"),
	{ 0 }
};
const struct shape phase_shape = {
	"a phase", phase_fields, sizeof(struct phase_written),
	"A part of the work.",
};

/* ---- hosts, environments, secrets */

#define HOST(m) offsetof(struct host, m)

static const struct field host_fields[] = {
	{ "local", &field_bool, HOST(local), 0, NULL, "true: this machine." },
	{ "environment", &field_name, HOST(environment_name), 0, NULL,
	  "The environment that it belongs to." },
	{ "env", &field_env, HOST(env), 0, NULL,
	  "Environment variables of everything that runs there." },
	LATER("ssh"), LATER("group"), LATER("as"), LATER("init"),
	LATER("jump"), LATER("agent"), LATER("sudo_password"),
	{ 0 }
};
const struct shape host_shape = {
	"a host", host_fields, sizeof(struct host),
	"Where things run.",
};

#define ENVIRONMENT(m) offsetof(struct environment, m)

static const struct field environment_fields[] = {
	{ "title", &field_text, ENVIRONMENT(title), NS, NULL,
	  "Whose systems these are." },
	{ "identity", &field_conditions, ENVIRONMENT(identity), 0, NULL,
	  "Conditions that prove that it is this one." },
	{ "may_destroy", &field_plains, ENVIRONMENT(may_destroy), 0, NULL,
	  "The only steps that may destroy something there." },
	LATER("lock"),
	{ 0 }
};
const struct shape environment_shape = {
	"an environment", environment_fields, sizeof(struct environment),
	"Systems that belong together, and how they are recognised.",
};

#define SECRET(m) offsetof(struct secret, m)

static const struct field secret_fields[] = {
	{ "file", &field_text, SECRET(file), NS, NULL,
	  "A file outside the book that only its owner can read." },
	{ "env", &field_text, SECRET(env), NS, NULL,
	  "A variable of the environment of cairn." },
	{ "command", &field_argv, SECRET(command), NS, NULL,
	  "A program that prints it." },
	{ "when", &field_expr, SECRET(when), NS, NULL,
	  "false: it is not needed, and null." },
	{ "help", &field_plain, SECRET(help), 0, NULL, "What it is." },
	{ "weak", &field_bool, SECRET(weak), 0, NULL,
	  "true: short, or a word of the book; not hidden in running text." },
	LATER("prompt"),
	{ 0 }
};
const struct shape secret_shape = {
	"a secret", secret_fields, sizeof(struct secret),
	"Fetched when first needed, never shown.",
};

/* ---- the book */

#define BOOK(m) offsetof(struct book_written, m)

static const struct field book_fields[] = {
	{ "version", &field_version, BOOK(version), FIELD_REQUIRED, NULL,
	  "Of the language: 1." },
	{ "name", &field_book_name, BOOK(name), FIELD_REQUIRED, NULL,
	  "Its name; the ids of its runs begin with it." },
	{ "title", &field_text, BOOK(title), NS, NULL,
	  "What it does, in a few words." },
	{ "description", &field_plain, BOOK(description), 0, NULL,
	  "What a reader should know first." },
	{ "params", &field_declarations, BOOK(params), 0, NULL,
	  "Values that who runs the book gives." },
	{ "vars", &field_assigns, BOOK(vars), NS, NULL,
	  "Computed once, from params and run.id." },
	{ "secrets", &field_table, BOOK(secrets), 0, &secret_shape,
	  "name: where it comes from." },
	{ "environments", &field_table, BOOK(environments), 0,
	  &environment_shape,  "Whose systems." },
	{ "hosts", &field_table, BOOK(hosts), 0, &host_shape,
	  "Where things run." },
	{ "checks", &field_checks, BOOK(checks), 0, NULL, "Named conditions." },
	{ "templates", &field_templates, BOOK(templates), 0, NULL,
	  "name: keys that steps share." },
	{ "phases", &field_rows, BOOK(phases), 0, &phase_shape,
	  "The work, in parts." },
	{ "steps", &field_rows, BOOK(steps), 0, &step_shape,
	  "The work of a book without phases." },
	LATER("databases"), LATER("endpoints"), LATER("signers"),
	LATER("obligations"), LATER("notify"), LATER("profiles"),
	{ 0 }
};
const struct shape book_shape = {
	"a runbook", book_fields, sizeof(struct book_written),
	"A runbook: runbook.yaml in a folder, or one file.",
};
