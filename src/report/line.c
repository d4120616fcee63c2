#include "report/line.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/escape.h"
#include "journal/fold.h"

#define LAST_LINES 12
#define FEW_ITEMS 20

void
line_time(struct buf *out, nsec wall)
{
	time_t t = (time_t)(wall / NSEC_PER_SEC);
	struct tm tm;
	char text[16];

	localtime_r(&t, &tm);
	strftime(text, sizeof text, "%H:%M:%S", &tm);
	buf_adds(out, text);
}

void
line_indented(struct buf *out, const char *prefix, const char *s, size_t n)
{
	while (n > 0) {
		const char *nl = memchr(s, '\n', n);
		size_t len = nl == NULL ? n : (size_t)(nl - s);

		buf_adds(out, prefix);
		escape_terminal(out, s, len);
		buf_addc(out, '\n');
		len += nl != NULL;
		s += len;
		n -= len;
	}
}

const char *
line_text(const json_t *payload, const char *key, size_t *n)
{
	const json_t *v = json_object_get(payload, key);

	*n = 0;
	if (json_is_object(v))
		return "(bytes that are no UTF-8; cairn log shows them)";
	if (!json_is_string(v))
		return NULL;
	*n = json_string_length(v);
	return json_string_value(v);
}

static void
put_text(struct buf *out, const json_t *payload, const char *key)
{
	const char *s = json_string_value(json_object_get(payload, key));

	if (s != NULL)
		escape_line(out, s, strlen(s));
}

static void
put_indented(struct buf *out, const char *prefix, const char *s)
{
	if (s != NULL)
		line_indented(out, prefix, s, strlen(s));
}

/* "11:02:03  done     dump  " */
static void
head(struct buf *out, const struct record *r, const char *word,
    const char *step)
{
	line_time(out, r->at);
	buf_addf(out, "  %-8s", word);
	if (step != NULL && step[0] != '\0') {
		buf_addf(out, " ");
		escape_line(out, step, strlen(step));
	}
}

static const char *
str(const json_t *payload, const char *key)
{
	const char *s = json_string_value(json_object_get(payload, key));

	return s == NULL ? "" : s;
}

/* ---- steps */

static void
line_start(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	long long attempt = json_integer_value(json_object_get(p, "attempt"));

	(void)run;
	head(out, r, "start", str(p, "step"));
	buf_adds(out, "  ");
	put_text(out, p, "title");
	if (attempt > 1)
		buf_addf(out, "  (attempt %lld)", attempt);
	buf_addc(out, '\n');
}

static void
last_lines(struct buf *out, const json_t *p, const char *key)
{
	size_t n, lines = 0, from;
	const char *s = line_text(p, key, &n);

	if (s == NULL || n == 0)
		return;
	for (from = n - (s[n - 1] == '\n'); from > 0; from--)
		if (s[from - 1] == '\n' && ++lines == LAST_LINES)
			break;
	buf_addf(out, "  last lines of its %s:\n",
	    strcmp(key, "out") == 0 ? "output" : "error output");
	line_indented(out, "    | ", s + from, n - from);
}

static void
command(struct buf *out, const char *verb, const char *run, const char *step,
    const char *rest, const char *what)
{
	struct buf line = BUF_INIT(4096);

	buf_addf(&line, "cairn %s %s", verb, run);
	if (step != NULL) {
		buf_addc(&line, ' ');
		escape_shell(&line, step, strlen(step));
	}
	buf_addf(&line, "%s%s", rest[0] != '\0' ? " " : "", rest);
	buf_addf(out, "    %-58s %s\n", line.data, what);
	buf_free(&line);
}

/* "redo wipe_go" of a book: the run stands between verb and step. */
static void
offered(struct buf *out, const char *run, const char *step, const char *words)
{
	size_t verb = strcspn(words, " ");
	const char *rest = words + verb + (words[verb] == ' ');
	struct buf line = BUF_INIT(4096);
	bool bare = rest[0] == '\0' && (strcmp(words, "retry") == 0 ||
	    strcmp(words, "done") == 0 || strcmp(words, "skip") == 0);

	buf_adds(&line, "cairn ");
	buf_add(&line, words, verb);
	buf_addf(&line, " %s", run);
	if (rest[0] != '\0')
		buf_addf(&line, " %s", rest);
	if (bare) {
		buf_addc(&line, ' ');
		escape_shell(&line, step, strlen(step));
		buf_adds(&line, " --reason '…'");
	}
	buf_adds(out, "    ");
	escape_line(out, line.data, line.len);
	buf_adds(out, "   (the book's advice)\n");
	buf_free(&line);
}

/* What an operator can do now, most likely first. */
static void
ways_on(struct buf *out, const char *run, const char *step, const json_t *p)
{
	bool again = strcmp(str(p, "state"), "failed") == 0 &&
	    (json_is_true(json_object_get(p, "reads")) ||
	    json_is_true(json_object_get(p, "nothing_done")));
	const json_t *words;
	size_t i;

	buf_adds(out, "  what you can do now:\n");
	json_array_foreach(json_object_get(p, "offer"), i, words)
		offered(out, run, step, json_string_value(words));
	if (i > 0)
		;	/* the book knows better what helps */
	else if (again)
		command(out, "resume", run, NULL, "", "tries it again: "
		    "nothing was done, or it only reads");
	else
		command(out, "retry", run, step, "--reason '…'",
		    "then resume: runs it once more");
	command(out, "done", run, step, "--reason '…'",
	    "it is done, you have seen to it");
	if (i == 0)
		command(out, "undo", run, NULL, "", "takes back what was "
		    "done");
}

static void
bad_end(struct buf *out, const char *run, const json_t *p)
{
	buf_addc(out, '\n');
	line_failure(out, run, str(p, "step"), p);
}

/* Where it is written, what was expected, the lines that decided it, what is
 * known about that trouble, what can be done now (design.md 6). */
void
line_failure(struct buf *out, const char *run, const char *step,
    const json_t *p)
{
	if (str(p, "where")[0] != '\0') {
		buf_adds(out, "  ");
		put_text(out, p, "title");
		buf_adds(out, "  (");
		put_text(out, p, "where");
		buf_adds(out, ")\n");
	}
	put_indented(out, "  ", str(p, "why"));
	last_lines(out, p, "out");
	last_lines(out, p, "err");
	if (json_object_get(p, "out_file") != NULL ||
	    json_object_get(p, "err_file") != NULL)
		buf_addf(out, "  all of its output: cairn log %s %s\n", run,
		    step);
	if (str(p, "say")[0] != '\0')
		buf_adds(out, "  what is known about this:\n");
	put_indented(out, "    ", str(p, "say"));
	if (json_object_get(p, "retry_at") != NULL) {
		buf_addf(out, "  it is tried again by itself (%lld of %lld) at ",
		    (long long)json_integer_value(json_object_get(p, "retry")),
		    (long long)json_integer_value(json_object_get(p,
		    "retry_of")));
		line_time(out, json_integer_value(json_object_get(p,
		    "retry_at")));
		buf_addc(out, '\n');
		return;
	}
	ways_on(out, run, step, p);
}

static void
line_end(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	const char *state = str(p, "state");
	nsec begin = json_integer_value(json_object_get(p, "begin"));
	nsec end = json_integer_value(json_object_get(p, "end"));
	bool failed = strcmp(state, "failed") == 0;

	head(out, r, failed ? "FAILED" : strcmp(state, "unknown") == 0 ?
	    "UNKNOWN" : state, str(p, "step"));
	if (end > begin) {
		buf_adds(out, "  ");
		format_elapsed(out, end - begin);
	}
	if (strcmp(state, "done") == 0 || strcmp(state, "undone") == 0) {
		if (str(p, "why")[0] != '\0') {
			buf_adds(out, "  ");
			put_text(out, p, "why");
		}
		buf_addc(out, '\n');
	} else {
		bad_end(out, run, p);
	}
}

static void
line_skip(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	(void)run;
	head(out, r, "skipped", str(p, "step"));
	buf_adds(out, "  ");
	put_text(out, p, "why");
	buf_addc(out, '\n');
}

static void
line_stop(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	(void)run;
	head(out, r, "stopping", str(p, "step"));
	buf_adds(out, "  ");
	put_text(out, p, "why");
	buf_addc(out, '\n');
}

/* A yes is what everybody expects, and so is a no of done_when before the
 * work: there is something to do. */
static void
line_look(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	(void)run;
	if (strcmp(str(p, "answer"), "yes") == 0 ||
	    (strcmp(str(p, "role"), "done_when") == 0 &&
	    strcmp(str(p, "answer"), "no") == 0))
		return;
	head(out, r, "look", str(p, "step"));
	buf_addf(out, "  %s: %s (", str(p, "role"), str(p, "answer"));
	put_text(out, p, "title");
	buf_adds(out, ": ");
	put_text(out, p, "why");
	buf_adds(out, ")\n");
}

static void
line_items(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	const json_t *list = json_object_get(p, "items"), *item;
	size_t i;

	(void)run;
	head(out, r, "items", str(p, "step"));
	buf_addf(out, "  %zu", json_array_size(list));
	json_array_foreach(list, i, item) {
		buf_adds(out, i == 0 ? ": " : ", ");
		if (i == FEW_ITEMS) {
			buf_adds(out, "…");
			break;
		}
		put_text(out, item, "key");
	}
	buf_addc(out, '\n');
}

/* ---- people */

static void
question_fields(struct buf *out, const json_t *ask)
{
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(ask, "checklist"), i, f) {
		buf_addf(out, "  tick %zu: ", i + 1);
		escape_line(out, json_string_value(f), json_string_length(f));
		buf_addc(out, '\n');
	}
	json_array_foreach(json_object_get(ask, "fields"), i, f) {
		buf_addf(out, "  field %s (%s%s)", str(f, "name"),
		    str(f, "type"), json_is_true(json_object_get(f,
		    "required")) ? ", required" : "");
		if (str(f, "help")[0] != '\0') {
			buf_adds(out, ": ");
			put_text(out, f, "help");
		}
		buf_addc(out, '\n');
	}
	json_array_foreach(json_object_get(ask, "choices"), i, f)
		buf_addf(out, "  choice %s (%s)\n", str(f, "word"),
		    str(f, "means"));
}

static void
question_command(struct buf *out, const char *run, const char *step,
    const json_t *ask)
{
	struct buf line = BUF_INIT(64 * 1024);
	const json_t *f;
	size_t i;

	buf_addf(&line, "cairn answer %s ", run);
	escape_shell(&line, step, strlen(step));
	for (i = 0; i < json_array_size(json_object_get(ask, "checklist"));
	    i++)
		buf_addf(&line, " --tick %zu", i + 1);
	json_array_foreach(json_object_get(ask, "fields"), i, f)
		buf_addf(&line, " --set %s=…", str(f, "name"));
	if (json_array_size(json_object_get(ask, "choices")) > 0)
		buf_addf(&line, " --choice %s", str(json_array_get(
		    json_object_get(ask, "choices"), 0), "word"));
	if (json_is_string(json_object_get(ask, "by"))) {
		buf_adds(&line, " --by ");
		escape_shell(&line, str(ask, "by"), strlen(str(ask, "by")));
	}
	if (json_is_string(json_object_get(ask, "confirm")))
		buf_addf(&line, " --confirm '…' --question %.16s",
		    str(ask, "question"));
	buf_addf(out, "  answer it with:\n    %s\n", line.data);
	buf_free(&line);
}

static void
question_allows(struct buf *out, const json_t *ask)
{
	const json_t *list = json_object_get(ask, "allows"), *a;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	buf_adds(out, "  this permits, and nothing else:\n");
	json_array_foreach(list, i, a) {
		buf_addf(out, "    %s", str(a, "address"));
		if (str(a, "targets")[0] != '\0')
			buf_addf(out, " on %s, in %s", str(a, "host"),
			    str(a, "targets"));
		buf_adds(out, ": ");
		put_text(out, a, "text");
		buf_addc(out, '\n');
	}
}

static void
question_identity(struct buf *out, const json_t *ask)
{
	const json_t *env, *fact, *value;
	const char *name;
	size_t i, k;

	json_array_foreach(json_object_get(ask, "identity"), i, env) {
		buf_addf(out, "  environment, as measured now: %s\n",
		    str(env, "environment"));
		json_array_foreach(json_object_get(env, "facts"), k, fact) {
			buf_adds(out, "    yes: ");
			put_text(out, fact, "title");
			json_object_foreach(json_object_get(fact, "captures"),
			    name, value) {
				char *text = json_dumps(value,
				    JSON_ENCODE_ANY | JSON_COMPACT);

				buf_addf(out, "  %s=", name);
				escape_line(out, text, strlen(text));
				free(text);
			}
			buf_addc(out, '\n');
		}
	}
}

void
line_question(struct buf *out, const char *run, const char *step,
    const json_t *ask)
{
	const char *label;
	const json_t *shown;

	json_object_foreach((json_t *)json_object_get(ask, "show"), label,
	    shown) {
		buf_adds(out, "  | ");
		escape_line(out, label, strlen(label));
		buf_adds(out, ": ");
		if (json_is_string(shown) &&
		    strchr(json_string_value(shown), '\n') == NULL) {
			escape_line(out, json_string_value(shown),
			    json_string_length(shown));
			buf_addc(out, '\n');
		} else {
			buf_addc(out, '\n');
			put_indented(out, "  |   ", json_string_value(shown));
		}
	}
	put_indented(out, "  ", str(ask, "text"));
	question_fields(out, ask);
	question_identity(out, ask);
	question_allows(out, ask);
	if (json_is_string(json_object_get(ask, "confirm"))) {
		buf_adds(out, "  to be typed exactly: ");
		put_text(out, ask, "confirm");
		buf_addc(out, '\n');
	}
	question_command(out, run, step, ask);
}

static void
line_ask(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	head(out, r, "waiting", str(p, "step"));
	buf_adds(out, "  ");
	put_text(out, p, "title");
	if (strcmp(str(p, "kind"), "wait") == 0) {
		buf_adds(out, "  until ");
		format_time(out, json_integer_value(json_object_get(p,
		    "until")));
		buf_addc(out, '\n');
		return;
	}
	buf_addc(out, '\n');
	line_question(out, run, str(p, "step"), p);
}

static void
line_decide(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	const char *by = str(p, "by");

	(void)run;
	head(out, r, strcmp(str(p, "what"), "answer") == 0 ? "answer" :
	    str(p, "what"), str(p, "step"));
	buf_adds(out, "  by ");
	escape_line(out, by, strlen(by));
	if (by[0] == '\0')
		put_text(out, p, "login");
	if (str(p, "choice")[0] != '\0')
		buf_addf(out, ": %s", str(p, "choice"));
	if (json_is_true(json_object_get(p, "confirmed")))
		buf_adds(out, ", the words were typed");
	if (str(p, "reason")[0] != '\0') {
		buf_adds(out, "  because: ");
		put_text(out, p, "reason");
	}
	buf_addc(out, '\n');
}

/* ---- the run */

static void
line_void(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	const json_t *a;
	size_t i;

	(void)run;
	head(out, r, "again", NULL);
	json_array_foreach(json_object_get(p, "addresses"), i, a) {
		buf_adds(out, i > 0 ? ", " : " ");
		escape_line(out, json_string_value(a), json_string_length(a));
	}
	buf_adds(out, "  ");
	put_text(out, p, "reason");
	buf_addc(out, '\n');
}

static void
line_note(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	(void)run;
	head(out, r, "note", str(p, "step"));
	buf_adds(out, "  ");
	put_text(out, p, "text");
	buf_addc(out, '\n');
}

static void
line_refused(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	(void)run;
	head(out, r, "refused", NULL);
	buf_adds(out, " ");
	put_text(out, p, "reason");
	buf_addc(out, '\n');
}

static void
line_pause(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	(void)run;
	head(out, r, str(p, "what"), NULL);
	buf_adds(out, " by ");
	put_text(out, p, "login");
	buf_addc(out, '\n');
}

static void
line_sleep(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	(void)run;
	head(out, r, "asleep", NULL);
	buf_adds(out, " ");
	put_text(out, p, "why");
	buf_addc(out, '\n');
}

static void
line_run_end(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	head(out, r, str(p, "state"), NULL);
	buf_adds(out, " ");
	put_text(out, p, "why");
	buf_addf(out, "\n  run %s\n", run);
}

static void
line_run(struct buf *out, const char *run, const struct record *r,
    const json_t *p)
{
	head(out, r, "run", NULL);
	buf_addf(out, " %s  ", run);
	put_text(out, p, "title");
	buf_addc(out, '\n');
}

static void (*const lines[RECORD_TYPES])(struct buf *out, const char *run,
    const struct record *r, const json_t *payload) = {
	[RECORD_RUN] = line_run, [RECORD_STEP_START] = line_start,
	[RECORD_STEP_END] = line_end, [RECORD_STEP_SKIP] = line_skip,
	[RECORD_STEP_STOP] = line_stop, [RECORD_LOOK] = line_look,
	[RECORD_ITEMS] = line_items, [RECORD_ASK] = line_ask,
	[RECORD_DECIDE] = line_decide,
	[RECORD_VOID] = line_void, [RECORD_NOTE] = line_note,
	[RECORD_REFUSED] = line_refused, [RECORD_PAUSE] = line_pause,
	[RECORD_SLEEP] = line_sleep, [RECORD_RUN_END] = line_run_end,
};

void
line_record(struct buf *out, const char *run, const struct record *r,
    const json_t *payload)
{
	if (lines[r->type] != NULL)
		lines[r->type](out, run, r, payload);
}
