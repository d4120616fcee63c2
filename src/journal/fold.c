#include "journal/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/xalloc.h"

struct fold {
	struct arena *arena;
	struct map *steps;                   /* address -> struct fold_step * */
	struct map *nonces;                  /* taken -> the fold itself */
	uint64_t last[RECORD_TYPES];         /* offset + 1 */
	uint64_t records;
	nsec first_at, last_at;
	unsigned epoch;
	enum run_state state;
};

struct fold *fold_new(void)
{
	struct fold *f = xcalloc(1, sizeof *f);

	f->arena = arena_new();
	f->steps = map_new();
	f->nonces = map_new();
	return f;
}

void fold_free(struct fold *f)
{
	if (!f)
		return;
	map_free(f->steps);
	map_free(f->nonces);
	arena_free(f->arena);
	free(f);
}

/* What may stand in a message: it comes from a file. */
static int bad(const struct record *r, const char *why, struct err *err)
{
	return err_set(err, "record %llu at byte %llu (%s \"%.*s\") %s",
	    (unsigned long long)r->n, (unsigned long long)r->offset,
	    record_type_name(r->type), r->step_len > 200 ? 200 :
	    (int)r->step_len, r->step, why);
}

static struct fold_step *step_named(struct fold *f, const char *s, size_t n)
{
	struct fold_step *step = map_getn(f->steps, s, n);

	if (step)
		return step;
	step = arena_alloc(f->arena, sizeof *step);
	step->address = arena_strndup(f->arena, s, n);
	step->slot = -1;
	map_put(f->steps, step->address, step);
	return step;
}

/* An address with escapes, such as a quote in the key of an item. */
static struct fold_step *step_escaped(struct fold *f, const struct record *r,
    struct err *err)
{
	json_t *text = json_loadb(r->step - 1, r->step_len + 2,
	    JSON_DECODE_ANY, NULL);
	struct fold_step *step = NULL;

	if (json_is_string(text))
		step = step_named(f, json_string_value(text),
		    json_string_length(text));
	else
		bad(r, "has an address that is no text", err);
	json_decref(text);
	return step;
}

static struct fold_step *step_of(struct fold *f, const struct record *r,
    struct err *err)
{
	if (r->step_len == 0) {
		bad(r, "names no step", err);
		return NULL;
	}
	if (memchr(r->step, '\\', r->step_len))
		return step_escaped(f, r, err);
	return step_named(f, r->step, r->step_len);
}

static int move(struct fold_step *s, enum step_state to, const struct record *r,
    struct err *err)
{
	char why[80];

	if (step_move_legal(s->state, to)) {
		s->state = to;
		return 0;
	}
	snprintf(why, sizeof why, "cannot follow: the step is %s, not to be %s",
	    step_state_name(s->state), step_state_name(to));
	return bad(r, why, err);
}

/* A new attempt may follow a lost one at once (the step is running still), but
 * never has its number. */
static int apply_start(struct fold *f, const struct record *r, struct err *err)
{
	struct fold_step *s = step_of(f, r, err);
	int64_t attempt, slot = -1;

	if (!s)
		return -1;
	if (!record_member_int(r, "attempt", &attempt) ||
	    attempt <= s->attempt || attempt > 1000000000)
		return bad(r, "has no attempt number that is new", err);
	record_member_int(r, "slot", &slot);
	if (s->state != STEP_RUNNING && move(s, STEP_RUNNING, r, err) < 0)
		return -1;
	s->attempt = (unsigned)attempt;
	s->slot = slot >= 0 && slot < 1000000 ? (int)slot : -1;
	s->started = r->at;
	s->ended = 0;
	s->start = r->offset + 1;
	s->void_ = false;
	return 0;
}

static int ended_state(const struct record *r)
{
	const char *word;
	size_t n;
	int state;

	if (!record_member_word(r, "state", &word, &n))
		return -1;
	state = step_state_parse(word, n);
	return state >= 0 && step_state_ended((enum step_state)state) ? state :
	    -1;
}

/* step.end and step.skip */
static int apply_end(struct fold *f, const struct record *r, struct err *err)
{
	struct fold_step *s = step_of(f, r, err);
	int state = ended_state(r);
	int64_t attempt;

	if (!s)
		return -1;
	if (state < 0)
		return bad(r, "has no state that ends a step", err);
	if ((s->state == STEP_RUNNING || s->state == STEP_STOPPING) &&
	    record_member_int(r, "attempt", &attempt) &&
	    attempt != s->attempt)
		return bad(r, "ends another attempt than the last", err);
	if (move(s, (enum step_state)state, r, err) < 0)
		return -1;
	s->ended = r->at;
	s->end = r->offset + 1;
	s->void_ = false;
	return 0;
}

/* Going on with stopping after a crash is recorded again. */
static int apply_stop(struct fold *f, const struct record *r, struct err *err)
{
	struct fold_step *s = step_of(f, r, err);

	if (!s)
		return -1;
	return s->state == STEP_STOPPING ? 0 : move(s, STEP_STOPPING, r, err);
}

/* A question about a step that ended (what shall become of it?) leaves it as
 * it is, and so does one about the run. */
static int apply_ask(struct fold *f, const struct record *r, struct err *err)
{
	struct fold_step *s;

	if (r->step_len == 0)
		return 0;
	s = step_of(f, r, err);
	if (!s)
		return -1;
	s->ask = r->offset + 1;
	s->void_ = false;
	if (s->state == STEP_PENDING || s->state == STEP_RUNNING)
		s->state = STEP_WAITING;
	return 0;
}

/* An answer went to the job's terminal: it is running again. */
static int apply_prompt(struct fold *f, const struct record *r,
    struct err *err)
{
	struct fold_step *s = step_of(f, r, err);

	if (!s)
		return -1;
	if (s->state == STEP_WAITING && s->start)
		s->state = STEP_RUNNING;
	return 0;
}

/* What was decided takes effect by the end, skip or start that follows. */
static int apply_decide(struct fold *f, const struct record *r,
    struct err *err)
{
	struct fold_step *s;
	const char *what;
	size_t n;

	if (r->step_len == 0)
		return 0;
	s = step_of(f, r, err);
	if (!s)
		return -1;
	s->decide = r->offset + 1;
	s->void_ = false;
	if (!record_member_word(r, "what", &what, &n))
		return bad(r, "does not say what was decided", err);
	return 0;
}

static int void_step(struct fold *f, const json_t *address,
    const struct record *r, struct err *err)
{
	struct fold_step *s;

	if (!json_is_string(address))
		return bad(r, "has an address that is no text", err);
	s = step_named(f, json_string_value(address),
	    json_string_length(address));
	if (s->state != STEP_PENDING && move(s, STEP_PENDING, r, err) < 0)
		return -1;
	s->ask = s->decide = s->items = 0;
	s->void_ = true;
	return 0;
}

static int apply_void(struct fold *f, const struct record *r, struct err *err)
{
	json_t *payload = record_parse(r, err), *addresses;
	size_t i;
	int result = 0;

	if (!payload)
		return -1;
	addresses = json_object_get(payload, "addresses");
	if (!json_is_array(addresses))
		result = bad(r, "has no addresses", err);
	for (i = 0; result == 0 && i < json_array_size(addresses); i++)
		result = void_step(f, json_array_get(addresses, i), r, err);
	json_decref(payload);
	return result;
}

/* What a `for_each` goes through, from now on. */
static int apply_items(struct fold *f, const struct record *r, struct err *err)
{
	struct fold_step *s = step_of(f, r, err);

	if (!s)
		return -1;
	s->items = r->offset + 1;
	return 0;
}

static int apply_driver(struct fold *f, const struct record *r,
    struct err *err)
{
	int64_t epoch = f->epoch;

	if (record_member_int(r, "epoch", &epoch) &&
	    (epoch < f->epoch || epoch > UINT32_MAX))
		return bad(r, "has an epoch that is over", err);
	f->epoch = (unsigned)epoch;
	f->state = RUN_RUNNING;
	return 0;
}

static int apply_run_end(struct fold *f, const struct record *r,
    struct err *err)
{
	const char *word;
	size_t n;
	int state;

	if (!record_member_word(r, "state", &word, &n) ||
	    (state = run_state_parse(word, n)) < 0)
		return bad(r, "has no state of a run", err);
	f->state = (enum run_state)state;
	return 0;
}

static int apply_sleep(struct fold *f, const struct record *r, struct err *err)
{
	(void)r;
	(void)err;
	f->state = RUN_WAITING;
	return 0;
}

static int apply_pause(struct fold *f, const struct record *r, struct err *err)
{
	(void)r;
	(void)err;
	f->state = RUN_PAUSED;
	return 0;
}

static int (*const apply[RECORD_TYPES])(struct fold *f,
    const struct record *r, struct err *err) = {
	[RECORD_DRIVER] = apply_driver,
	[RECORD_STEP_START] = apply_start,
	[RECORD_STEP_END] = apply_end,
	[RECORD_STEP_SKIP] = apply_end,
	[RECORD_STEP_STOP] = apply_stop,
	[RECORD_ITEMS] = apply_items,
	[RECORD_ASK] = apply_ask,
	[RECORD_PROMPT] = apply_prompt,
	[RECORD_DECIDE] = apply_decide,
	[RECORD_VOID] = apply_void,
	[RECORD_PAUSE] = apply_pause,
	[RECORD_SLEEP] = apply_sleep,
	[RECORD_RUN_END] = apply_run_end,
};

static bool from_inbox(enum record_type type)
{
	return type == RECORD_DECIDE || type == RECORD_PAUSE ||
	    type == RECORD_REFUSED || type == RECORD_VOID ||
	    type == RECORD_NOTE;
}

static void take_nonce(struct fold *f, const struct record *r)
{
	char nonce[NONCE_HEX + 1];
	const char *word;
	size_t n;

	if (!record_member_word(r, "nonce", &word, &n) || n != NONCE_HEX)
		return;
	memcpy(nonce, word, n);
	nonce[n] = '\0';
	map_put(f->nonces, nonce, f);
}

static int check_order(const struct fold *f, const struct record *r,
    struct err *err)
{
	if (r->n != f->records + 1)
		return bad(r, "is not the next one", err);
	if ((r->type == RECORD_RUN) != (r->n == 1))
		return bad(r, r->n == 1 ? "is not the beginning of a run" :
		    "begins the run again", err);
	if (f->state == RUN_CLOSED && r->type != RECORD_NOTE &&
	    r->type != RECORD_REFUSED)
		return bad(r, "stands after the run was closed", err);
	return 0;
}

int fold_apply(struct fold *f, const struct record *r, struct err *err)
{
	if (check_order(f, r, err) < 0)
		return -1;
	if (apply[r->type] && apply[r->type](f, r, err) < 0)
		return -1;
	if (from_inbox(r->type))
		take_nonce(f, r);
	if (f->records++ == 0)
		f->first_at = r->at;
	f->last_at = r->at;
	f->last[r->type] = r->offset + 1;
	return 0;
}

enum run_state fold_state(const struct fold *f)
{
	return f->state;
}

uint64_t fold_records(const struct fold *f)
{
	return f->records;
}

nsec fold_first_at(const struct fold *f)
{
	return f->first_at;
}

nsec fold_last_at(const struct fold *f)
{
	return f->last_at;
}

unsigned fold_epoch(const struct fold *f)
{
	return f->epoch;
}

uint64_t fold_last(const struct fold *f, enum record_type type)
{
	return f->last[type];
}

const struct fold_step *fold_find(const struct fold *f, const char *address)
{
	return map_get(f->steps, address);
}

size_t fold_count(const struct fold *f)
{
	return map_count(f->steps);
}

const struct fold_step *fold_at(const struct fold *f, size_t i)
{
	return map_value(f->steps, i);
}

bool fold_nonce_taken(const struct fold *f, const char *nonce)
{
	return map_get(f->nonces, nonce) != NULL;
}
