/* Runs a fuzz target where there is no libFuzzer, with the same options:
 *
 *   target [-runs=N] [-seed=S] FILE|FOLDER...
 *
 * Every file is tried as it is, then N mutations of them, each a function of
 * the seed and its number. They run in children, a batch at a time; when one
 * dies the input that did it is found again and kept. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"

#define LARGEST (64 * 1024)
#define BATCH 500
/* of CPU: an input that takes longer is a finding too */
#define SECONDS 60

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct input {
	char *data;
	size_t len;
};

struct fuzz {
	VEC(struct input) corpus;
	uint64_t seed, runs;
};

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n)
{
	return n == 0 ? 0 : (size_t)(next(state) % n);
}

static void load_file(struct fuzz *f, const char *path)
{
	FILE *file = fopen(path, "rb");
	char *data = xcalloc(1, LARGEST);
	struct input in = { data, 0 };

	if (file == NULL) {
		perror(path);
		exit(2);
	}
	in.len = fread(data, 1, LARGEST, file);
	fclose(file);
	vec_push(&f->corpus, in);
}

static void load(struct fuzz *f, const char *path)
{
	struct stat st;
	struct dirent **names;
	int n, i;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		load_file(f, path);
		return;
	}
	/* sorted: the same seed means the same inputs everywhere */
	n = scandir(path, &names, NULL, alphasort);
	if (n < 0) {
		perror(path);
		exit(2);
	}
	for (i = 0; i < n; i++) {
		char *inner = xasprintf("%s/%s", path, names[i]->d_name);

		if (names[i]->d_name[0] != '.')
			load(f, inner);
		free(inner);
		free(names[i]);
	}
	free(names);
}

static void put(struct buf *b, size_t at, size_t gone, const char *s, size_t n)
{
	struct buf out = BUF_INIT(2 * LARGEST);

	if (at > b->len)
		at = b->len;
	if (gone > b->len - at)
		gone = b->len - at;
	buf_add(&out, b->data, at);
	buf_add(&out, s, n);
	buf_add(&out, b->data + at + gone, b->len - at - gone);
	buf_free(b);
	*b = out;
}

/* What stands at `from` stands at `at` as well; any byte may be in it. */
static void twice(struct buf *b, size_t at, size_t from, size_t n)
{
	struct buf copy = BUF_INIT(LARGEST);

	buf_add(&copy, b->data + from, n);
	put(b, at, 0, copy.data, copy.len);
	buf_free(&copy);
}

static void mutate(const struct fuzz *f, uint64_t *r, struct buf *b)
{
	static const char *const words[] = {
		"${{", "}}", "'", "\"", "\\", "\n", "\r", "\t", "- ", ": ", "{",
		"}", "[", "]", "#", "&a ", "*a", "!", "|", ">", "null", "-1",
		"9223372036854775808", "0", "\xff", "\xc3", "\xe2\x80\xae",
		"\x1b[", "\x1b]0;", "$(", "`", "<<E\n", " -> ", "not ", "??",
	};
	const struct input *other = &f->corpus.v[below(r, f->corpus.n)];
	char byte = (char)next(r);
	size_t at = below(r, b->len + 1), from, n;

	switch (below(r, 6)) {
	case 0: put(b, at, 1, &byte, 1); break;
	case 1: put(b, at, 0, &byte, 1); break;
	case 2: put(b, at, below(r, 16), "", 0); break;
	case 3: {
		const char *w = words[below(r, sizeof words / sizeof *words)];

		put(b, at, below(r, 2) * strlen(w), w, strlen(w));
		break;
	}
	case 4:
		from = below(r, other->len);
		n = below(r, other->len - from < 200 ? other->len - from : 200);
		put(b, at, below(r, 2) * n, other->data + from, n);
		break;
	default:
		from = below(r, b->len);
		n = below(r, b->len - from < 64 ? b->len - from : 64);
		twice(b, at, from, n);
	}
}

/* Input i: the corpus first, then what is made of it. */
static struct input input(const struct fuzz *f, uint64_t i)
{
	uint64_t r = f->seed * 0x2545f4914f6cdd1du + i;
	const struct input *base = &f->corpus.v[i < f->corpus.n ? i :
	    below(&r, f->corpus.n)];
	struct buf b = BUF_INIT(2 * LARGEST);
	struct input out;
	size_t times;

	buf_add(&b, base->data, base->len);
	if (i >= f->corpus.n)
		for (times = 1 + below(&r, 8); times > 0; times--)
			mutate(f, &r, &b);
	/* exactly as long as it is: reading behind it is found */
	out.len = b.len < LARGEST ? b.len : LARGEST;
	out.data = malloc(out.len + (out.len == 0));
	if (out.len > 0)
		memcpy(out.data, b.data, out.len);
	buf_free(&b);
	return out;
}

/* Tries [from, to) in a child; its wait status. */
static int attempt(const struct fuzz *f, uint64_t from, uint64_t to)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(SECONDS);
		for (; from < to; from++) {
			struct input in = input(f, from);

			LLVMFuzzerTestOneInput((uint8_t *)in.data, in.len);
			free(in.data);
		}
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("child");
		exit(2);
	}
	return status;
}

static void keep(const struct fuzz *f, uint64_t i, int status)
{
	char *name = xasprintf("crash-%llu-%llu", (unsigned long long)f->seed,
	    (unsigned long long)i);
	struct input in = input(f, i);
	FILE *file = fopen(name, "wb");

	if (file != NULL) {
		fwrite(in.data, 1, in.len, file);
		fclose(file);
	}
	printf("input %llu of seed %llu ends with wait status %#x; it is in "
	    "%s:\n", (unsigned long long)i, (unsigned long long)f->seed,
	    (unsigned)status, name);
	fwrite(in.data, 1, in.len < 2000 ? in.len : 2000, stdout);
	printf("\n");
	free(in.data);
	free(name);
}

static int run(const struct fuzz *f)
{
	uint64_t total = f->corpus.n + f->runs, at, i;

	for (at = 0; at < total; at += BATCH) {
		uint64_t to = at + BATCH < total ? at + BATCH : total;
		int status = attempt(f, at, to);

		for (i = at; status != 0 && i < to; i++) {
			int alone = attempt(f, i, i + 1);

			if (alone != 0) {
				keep(f, i, alone);
				return 1;
			}
		}
		if (status != 0) {
			printf("inputs %llu to %llu together end with %#x\n",
			    (unsigned long long)at, (unsigned long long)to,
			    (unsigned)status);
			return 1;
		}
	}
	printf("%llu inputs, seed %llu\n", (unsigned long long)total,
	    (unsigned long long)f->seed);
	return 0;
}

int main(int argc, char **argv)
{
	struct fuzz f = { .seed = 1, .runs = 1000 };
	int i, result;
	size_t k;

	for (i = 1; i < argc; i++)
		if (strncmp(argv[i], "-runs=", 6) == 0)
			f.runs = strtoull(argv[i] + 6, NULL, 10);
		else if (strncmp(argv[i], "-seed=", 6) == 0)
			f.seed = strtoull(argv[i] + 6, NULL, 10);
		else
			load(&f, argv[i]);
	if (f.corpus.n == 0) {
		fprintf(stderr, "usage: %s [-runs=N] [-seed=S] FILE|FOLDER...\n",
		    argv[0]);
		return 2;
	}
	fflush(stdout);
	result = run(&f);
	for (k = 0; k < f.corpus.n; k++)
		free(f.corpus.v[k].data);
	vec_free(&f.corpus);
	return result;
}
