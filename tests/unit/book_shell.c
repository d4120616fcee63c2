/* Every context × every hostile value, really run in every shell that is
 * installed: the output is the value, byte by byte, and nothing ran. */
#include "book_shell_help.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"

#define SEPARATOR '\036'
#define RUN_SECONDS 20

/* The first ones are tried everywhere; of the others, each context takes every
 * fourth, or all of them when CAIRN_TEST_ALL is set. */
static const char *const values[] = {
	"two words", "  blanks  around  ", "line\nline", "tail\n", "it's",
	"say \"x\"", "\\", "back\\slash", "`touch PWN`", "$(touch PWN)",
	"${HOME}", "*", "}", ")", ";", "; touch PWN;", "\n touch PWN\n", "EOF",
	"\nE\n", "", "-n", "--help", "#", "a[$(touch PWN)]", "=", "~", "&",
	"'$(touch PWN)'", "\"$(touch PWN)\"", "';touch PWN;'",
	"\";touch PWN;\"", "gr\303\274n \342\202\254 \360\237\230\200",
	"\303\201\302\202\303\203\304\204\305\205\306\206\307\207\303\210",
#define EVERYWHERE 33
	"plain", "\n\n", "\\\\", "\\n", "$HOME", "$", "?", "[a-z]*", "${",
	"(", "| touch PWN", "& touch PWN &", "E", "-", "-e touch", " # no",
	"x[0]", "a=b", "!", "!!", "~root", "{a,b}", "{1..3}", "<", ">PWN",
	"$((1+1))", "$'\\n'", "'\"'\"'", "%s%n", "\t", "\r\n",
	"\302\205\302\240", "\177", "\033[1A", "\001", "esac", "in", "done",
	"CAIRN_1", "$CAIRN_1", "${CAIRN_1}",
};
#define VALUES (sizeof values / sizeof *values)

enum { ALL = 0, BASH = 1, TRIM = 2, NEWLINE = 4, FILENAME = 8, CONTROL = 16 };

/* @ in `shows` is the value. TRIM: the shell cuts newlines at the end. */
struct context {
	const char *script, *shows;
	int flags;
};

#define X "${{ params.x }}"
#define P "printf %s "

static const struct context contexts[] = {
	/* words */
	{ P X, "@", ALL },
	{ P "pre-" X "-post", "pre-@-post", ALL },
	{ P X X, "@@", ALL },
	{ P "a" X "'b'" X "\"c\"" X "$none" X, "a@b@c@@", ALL },
	{ P "\\\n" X, "@", ALL },
	{ P "a\\\n" X, "a@", ALL },
	{ P "\\$" X, "$@", ALL },
	{ P "$$ >/dev/null; " P X, "@", ALL },
	{ "v=" X "; " P "\"$v\"", "@", ALL },
	{ "v=a" X "b; " P "\"$v\"", "a@b", ALL },
	{ "V=" X " sh -c 'printf %s \"$V\"'", "@", ALL },
	{ "export V=" X "; sh -c 'printf %s \"$V\"'", "@", ALL },
	{ "f() { local v=" X "; " P "\"$v\"; }; f", "@", ALL },
	{ "for i in " X " " X "; do " P "\"$i\"; done", "@@", ALL },
	{ "for i in a\ndo " P X "; done", "@", ALL },
	{ "set -- " X " b; " P "\"$1$#\"", "@2", ALL },
	{ "[ x" X " = x ] || " P X, "@", FILENAME },
	{ "if test " X " = " X "; then " P X "; fi", "@", ALL },
	{ P "y >f" X "; cat <f" X, "y", FILENAME },
	{ P "y 2>f" X " >&1", "y", FILENAME },
	{ "f() { " P "\"$1\"; }; f " X, "@", ALL },
	{ "f() (" P X "); f", "@", ALL },
	{ "{ " P X "; } | cat", "@", ALL },
	{ "! " P X " || true", "@", ALL },
	{ "true && " P X " || false", "@", ALL },
	{ "(" P X ")", "@", ALL },
	{ "( (" P X ") )", "@", ALL },
	{ "sh -c 'printf %s \"$1\"' sh " X, "@", ALL },
	{ "env A=" X " sh -c 'printf %s \"$A\"'", "@", ALL },
	{ "awk 'BEGIN {printf \"%s\", ENVIRON[\"A\"]}' A=" X, "", ALL },
	/* comments */
	{ P "a # " X "\n" P "b", "ab", ALL },
	{ "# it's " X "\n" P X, "@", ALL },
	{ P "a#" X, "a#@", ALL },
	/* quotes */
	{ P "\"" X "\"", "@", ALL },
	{ P "\"X9_a" X "9_a\"", "X9_a@9_a", ALL },
	{ P "\"$none" X "[0]\"", "@[0]", ALL },
	{ P "\"it's " X "\"", "it's @", ALL },
	{ P "\"\\\"" X "\\\"\"", "\"@\"", ALL },
	{ P "\"\\$" X "\"", "$@", ALL },
	{ P "\"a\\\\" X "\"", "a\\@", ALL },
	{ P "'" X "'", "@", ALL },
	{ P "'a" X "b'", "a@b", ALL },
	{ P "'\"" X "\"'", "\"@\"", ALL },
	{ P "'\\" X "$" X "'", "\\@$@", ALL },
	{ P "'a\nb" X "'", "a\nb@", ALL },
	/* substitutions */
	{ "v=$(" P X "); " P "\"$v\"", "@", TRIM },
	{ P "\"$(" P X ")\"", "@", TRIM },
	{ P "\"$(" P "\"" X "\")\"", "@", TRIM },
	{ P "\"$(" P "'" X "')\"", "@", TRIM },
	{ P "\"$(" P "\"$(" P X ")\")\"", "@", TRIM },
	{ P "\"$(cat <<E\n" X "\nE\n)\"", "@", TRIM },
	{ P "\"$(" P "a # )\n" P X ")\"", "a@", TRIM },
	{ P "\"$( (" P X ") )\"", "@", TRIM },
	{ "v=`" P X "`; " P "\"$v\"", "@", TRIM },
	{ P "\"`" P X "`\"", "@", TRIM },
	{ P "\"`" P "'" X "'`\"", "@", TRIM },
	{ "v=`" P "\"" X "\"`; " P "\"$v\"", "@", TRIM },
	{ "v=`" P "'a\\.b'" X "`; " P "\"$v\"", "a\\.b@", TRIM },
	{ P "\"$((1 + 1))" X "\"", "2@", ALL },
	{ P "\"$(( $(echo 1) + (2) ))" X "\"", "3@", ALL },
	{ P "\"${#none}" X "\"", "0@", ALL },
	{ P "${none:-" X "}", "@", ALL },
	{ P "${none-" X "}", "@", ALL },
	{ P "${none:-a" X "b}", "a@b", ALL },
	{ P "${none:-'" X "'}", "@", ALL },
	{ P "${none:-\"" X "\"}", "@", ALL },
	{ P "\"${none:-" X "}\"", "@", ALL },
	{ P "\"${none:-a${none:-" X "}b}\"", "a@b", ALL },
	{ P "\"${HOME:+" X "}\"", "@", ALL },
	{ ": \"${z:=" X "}\"; " P "\"$z\"", "@", ALL },
	{ ": ${z:=" X "}; " P "\"$z\"", "@", ALL },
	{ "v=" X "tail; " P "\"${v#" X "}\"", "tail", ALL },
	{ "v=" X "tail; v=${v#" X "}; " P "$v", "tail", ALL },
	{ "v=tail" X "; " P "\"${v%%" X "}\"", "tail", ALL },
	{ "v=a" X "tail; " P "\"${v##a" X "}\"", "tail", ALL },
	/* here-documents */
	{ "cat <<E\n" X "\nE", "@\n", ALL },
	{ "cat <<E\npre " X " it's \"" X "\" post\nE",
	  "pre @ it's \"@\" post\n", ALL },
	{ "cat <<EOF\n" X "\nEOF\n" P "end", "@\nend", ALL },
	{ "cat <<-E\n\t\tpre " X "\n\tE\n" P "end", "pre @\nend", ALL },
	{ "cat <<E\n$(" P X ")\nE", "@\n", TRIM },
	{ "cat <<E\n`" P X "`\nE", "@\n", TRIM },
	{ "cat <<E\n${none:-" X "}\nE", "@\n", ALL },
	{ "cat <<E\na\\\nE\n" X "\nE", "aE\n@\n", ALL },
	{ "cat <<E\n\\$" X "\nE", "$@\n", ALL },
	{ "cat <<A - <<B\n" X "\nA\nb" X "\nB", "b@\n", ALL },
	{ "cat <<A; cat <<'B'; " P X "\na" X "\nA\n$(x\nB",
	  "a@\n$(x\n@", ALL },
	{ "cat <<E | cat\n" X "\nE", "@\n", ALL },
	{ "(cat <<E\n" X "\nE\n)", "@\n", ALL },
	{ "if true; then cat <<E; fi\n" X "\nE", "@\n", ALL },
	{ "cat <<E >o" X "; cat o" X "\n" X "\nE", "@\n", FILENAME },
	/* case */
	{ "case " X " in *) " P X ";; esac", "@", ALL },
	{ "case " X " in " X ") " P "y;; *) " P "n;; esac", "y", ALL },
	{ "case " X " in (a|" X ") " P "y;; *) " P "n;; esac", "y", ALL },
	{ "case a" X " in a\"" X "\") " P "y;; *) " P "n;; esac", "y", ALL },
	{ P "\"$(case a in a) " P X ";; b) ;; esac)\"", "@", TRIM },
	{ P "\"$(case a in\n# no )\na)\n" P X "\nesac)\"", "@", TRIM },
	{ P "\"$(case a in a) case b in b) " P X ";; esac esac)\"", "@",
	  TRIM },
	{ P "\"$(if true; then case a in (b) ;; a) " P X ";; esac; fi)\"",
	  "@", TRIM },
	{ P "\"$(echo case in; " P X ")\"", "case in\n@", TRIM },
	{ P "\"$(for case in a; do " P X "; done)\"", "@", TRIM },
	/* bash */
	{ "cat <<<" X, "@\n", BASH },
	{ "cat <<< a" X, "a@\n", BASH },
	{ "[[ " X " == " X " ]] && " P "y", "y", BASH },
	{ "if [[ a" X "b =~ ^a" X "b$ ]]; then " P "y; fi", "y", BASH },
	{ "[[ ( -n a" X " && ! a < b ) || ab =~ ^(a|b)*$ ]]; " P X, "@",
	  BASH },
	{ "a=(" X " b); " P "\"${a[0]}${#a[@]}\"", "@2", BASH },
	{ P "$'a\\n'" X, "a\n@", BASH },
	{ P "$\"a\"" X, "a@", BASH },
	{ "cat <(" P X ")", "@", BASH },
	{ "function f { " P X "; }; f", "@", BASH },
	{ P "{a," X "}", "a@", BASH | CONTROL },
	{ P X " &>o" X "; cat o" X, "@", BASH | FILENAME },
};

#define CONTEXTS (sizeof contexts / sizeof *contexts)

struct shell {
	const char *name;
	const char *argv[4];
	bool bash;
	size_t every;             /* which contexts it takes of those of dash */
};
static const struct shell shells[] = {
	{ "dash", { "dash" }, false, 1 },
	{ "bash", { "bash" }, true, 1 },
	{ "bash --posix", { "bash", "--posix" }, true, 4 },
	{ "busybox sh", { "busybox", "sh" }, false, 1 },
};
#define SHELLS (sizeof shells / sizeof *shells)

static bool is_installed(const struct shell *s)
{
	char path[128];

	snprintf(path, sizeof path, "/bin/%s", s->argv[0]);
	if (access(path, X_OK) == 0)
		return true;
	snprintf(path, sizeof path, "/usr/bin/%s", s->argv[0]);
	return access(path, X_OK) == 0;
}

static char home[] = "/tmp/cairn-shell.XXXXXX";

static int enter_directory(void **state)
{
	(void)state;
	if (!mkdtemp(home) || chdir(home) == -1)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	setenv("HOME", home, 1);
	return unsetenv("none");
}

static int leave_directory(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", home);
	return chdir("/") == -1 || system(command) != 0;
}

static void clear_directory(void)
{
	struct dirent *entry;
	DIR *dir = opendir(".");

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

static _Noreturn void child(const struct shell *s, const char *script,
    int out)
{
	char *argv[6] = { 0 };
	int null = open("/dev/null", O_RDWR), i;

	for (i = 0; s->argv[i]; i++)
		argv[i] = (char *)s->argv[i];
	argv[i] = (char *)script;
	dup2(null, 0);
	dup2(out, 1);
	dup2(null, 2);
	alarm(RUN_SECONDS);
	execvp(argv[0], argv);
	_exit(127);
}

/* Runs a script from a file outside of the directory. */
static void run(const struct shell *s, const struct buf *script,
    struct buf *out)
{
	char name[] = "/tmp/cairn-script.XXXXXX", chunk[4096];
	int file = mkstemp(name), fds[2];
	struct pollfd p = { .events = POLLIN };
	ssize_t n;
	pid_t pid;

	if (file == -1 || pipe2(fds, O_CLOEXEC) == -1 || write(file,
	    script->data, script->len) != (ssize_t)script->len)
		fail_msg("cannot write %s", name);
	close(file);
	pid = fork();
	if (pid == 0)
		child(s, name, fds[1]);
	close(fds[1]);
	p.fd = fds[0];
	/* What a script left in the background may hold the pipe open. */
	while (poll(&p, 1, RUN_SECONDS * 1000) > 0 &&
	    (n = read(fds[0], chunk, sizeof chunk)) > 0)
		buf_add(out, chunk, (size_t)n);
	close(fds[0]);
	waitpid(pid, NULL, 0);
	unlink(name);
}

static void compile(struct fixture *f, const char *s,
    struct shell_text *out)
{
	struct errs errs = { 0 };
	char *all;

	if (shell_compile(f->arena, fixture_text(f, s, strlen(s)), out,
	    &errs) == -1) {
		all = fixture_errors(&errs);
		fail_msg("%s\nrefused: %s", s, all);
	}
	errs_free(&errs);
}

static bool is_skipped(const struct context *c, size_t i)
{
	const char *value = values[i];

	if (i >= EVERYWHERE && ((size_t)(c - contexts) + i) % 4 &&
	    !getenv("CAIRN_TEST_ALL"))
		return true;
	if (c->flags & FILENAME && (!*value || strchr(value, '/')))
		return true;
	/* bash loses these two in brace expansion, whatever wrote them. */
	return c->flags & CONTROL && (strchr(value, '\001') ||
	    strchr(value, '\177'));
}

static void expect(struct buf *out, const struct context *c,
    const char *value)
{
	size_t n = strlen(value), i;

	for (i = 0; c->shows[i]; i++) {
		if (c->shows[i] == '@')
			buf_add(out, value, n);
		else
			buf_addc(out, c->shows[i]);
	}
	while (c->flags & TRIM && out->len && out->data[out->len - 1] == '\n')
		buf_truncate(out, out->len - 1);
	if (c->flags & TRIM && c->shows[strlen(c->shows) - 1] == '\n')
		buf_addc(out, '\n');
}

/* All values of a context in one script, one behind the other. */
static void add_runs(struct fixture *f, const struct context *c,
    const struct shell_text *text, struct buf *script)
{
	struct scope scope = fixture_scope(f);
	struct err err = ERR_INIT;
	struct value v;
	size_t i;

	for (i = 0; i < VALUES; i++) {
		if (is_skipped(c, i))
			continue;
		f->x = value_static(values[i]);
		if (shell_script(text, &scope, f->arena, &v, &err) == -1)
			fail_msg("%s: %s", c->script, err.text);
		buf_add(script, v.u.string.p, v.u.string.n);
		buf_adds(script, "\nunset z; printf '\\036'\n");
	}
}

static void show(const char *what, const char *s, size_t n)
{
	struct buf b = BUF_INIT(1 << 16);

	escape_line(&b, s, n);
	print_error("%s: %s\n", what, b.data);
	buf_free(&b);
}

static bool same_outputs(const struct context *c, const struct buf *out)
{
	const char *p = out->data, *end;
	struct buf want = BUF_INIT(1 << 16);
	size_t i;
	bool same = true;

	for (i = 0; i < VALUES && same; i++) {
		if (is_skipped(c, i))
			continue;
		buf_reset(&want);
		expect(&want, c, values[i]);
		end = memchr(p, SEPARATOR,
		    (size_t)(out->data + out->len - p));
		if (!end)
			end = out->data + out->len;
		same = (size_t)(end - p) == want.len &&
		    memcmp(p, want.data, want.len) == 0;
		if (!same) {
			show("value", values[i], strlen(values[i]));
			show("wants", want.data, want.len);
			show("gives", p, (size_t)(end - p));
		}
		p = end < out->data + out->len ? end + 1 : end;
	}
	buf_free(&want);
	return same;
}

static int try_context(const struct shell *s, const struct context *c)
{
	struct buf script = BUF_INIT(1 << 24), out = BUF_INIT(1 << 24);
	struct shell_text text;
	struct fixture f;
	int failed = 0;

	fixture_init(&f);
	compile(&f, c->script, &text);
	add_runs(&f, c, &text, &script);
	run(s, &script, &out);
	if (!same_outputs(c, &out) || access("PWN", F_OK) == 0) {
		print_error("in %s%s:\n%.*s\n\n", s->name,
		    access("PWN", F_OK) == 0 ? ", a value RAN" : "",
		    (int)text.len, text.script);
		failed = 1;
	}
	clear_directory();
	buf_free(&script);
	buf_free(&out);
	fixture_free(&f);
	return failed;
}

/* In a process and a directory of its own: the shells run side by side. */
static _Noreturn void try_contexts(const struct shell *s)
{
	char name[32];
	int failed = 0;
	size_t i;

	snprintf(name, sizeof name, "%zu", (size_t)(s - shells));
	if (mkdir(name, 0700) == -1 || chdir(name) == -1)
		_exit(1);
	for (i = 0; i < CONTEXTS; i++) {
		if (contexts[i].flags & BASH ? s->bash : i % s->every == 0)
			failed += try_context(s, &contexts[i]);
	}
	fflush(NULL);
	_exit(failed > 0);
}

static void all_contexts_compile(void **state)
{
	struct shell_text text;
	struct fixture f;
	size_t i;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < CONTEXTS; i++)
		compile(&f, contexts[i].script, &text);
	fixture_free(&f);
}

static void values_stay_values(void **state)
{
	pid_t pids[SHELLS] = { 0 };
	int status, failed = 0;
	size_t s;

	(void)state;
	fflush(NULL);
	for (s = 0; s < SHELLS; s++) {
		if (!is_installed(&shells[s])) {
			print_message("%s is not here: not tried\n",
			    shells[s].name);
			continue;
		}
		pids[s] = fork();
		if (pids[s] == 0)
			try_contexts(&shells[s]);
	}
	for (s = 0; s < SHELLS; s++) {
		if (pids[s] > 0 && waitpid(pids[s], &status, 0) > 0)
			failed += status != 0;
	}
	assert_int_equal(failed, 0);
}

/* A variable that came in exported is not exported any more. */
static void values_are_not_exported(void **state)
{
	struct buf script = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
	struct shell_text text;
	struct scope scope;
	struct fixture f;
	struct value v;
	struct err err = ERR_INIT;

	(void)state;
	fixture_init(&f);
	scope = fixture_scope(&f);
	f.x = value_static("marker");
	compile(&f, "v=" X "; env", &text);
	assert_int_equal(shell_script(&text, &scope, f.arena, &v, &err), 0);
	buf_adds(&script, "export CAIRN_1=old\n");
	buf_add(&script, v.u.string.p, v.u.string.n);
	run(&shells[0], &script, &out);
	assert_non_null(strstr(out.data, "HOME="));
	assert_null(strstr(out.data, "marker"));
	assert_null(strstr(out.data, "CAIRN_1"));
	buf_free(&script);
	buf_free(&out);
	fixture_free(&f);
}

struct refused {
	const char *script, *text, *hint;
};

static const struct refused refusals[] = {
	{ "cat <<'E'\n" X "\nE", "delimiter is quoted", "env:" },
	{ "cat <<\"E\"\n" X "\nE", "delimiter is quoted", "" },
	{ "cat <<\\E\n" X "\nE", "delimiter is quoted", "" },
	{ "cat <<-E'F'\n\t" X "\n\tEF", "delimiter is quoted", "" },
	{ "cat <<" X "\na\nE", "delimiter of a here-document", "plain word" },
	{ "cat <<E$x\n" X "\nE", "delimiter of a here-document", "" },
	{ "cat <<E\n" X, "without the line that ends it", "" },
	{ "echo $((" X " + 1))", "arithmetic", "x + 1" },
	{ "echo \"$((1 + (2 * " X ")))\"", "arithmetic", "" },
	{ "echo $(( $(echo " X ") ))", "arithmetic", "" },
	{ "echo $\\\n((" X "))", "arithmetic", "" },
	{ "echo $(\\\n(" X "))", "arithmetic", "" },
	{ "cat <<E\n$((" X "))\nE", "arithmetic", "" },
	{ "((" X "))", "arithmetic", "" },
	{ "((a = " X "))", "arithmetic", "" },
	{ "for ((i = 0; i < " X "; i++)); do :; done", "arithmetic", "" },
	{ "((echo a); echo " X ")", "\"((\" without \"))\"", "( (" },
	{ "echo $((echo a); echo " X ")", "\"((\" without", "( (" },
	{ "echo $[" X "]", "$[", "\\$" },
	{ "let a=" X, "arithmetic", "" },
	{ "let \"a[" X "]=1\"", "arithmetic", "" },
	{ "[[ " X " -eq 3 ]]", "arithmetic", "" },
	{ "[[ a && 3 -lt " X " ]]", "arithmetic", "" },
	{ "declare -i n=" X, "arithmetic", "" },
	{ "typeset -n n=" X, "arithmetic", "" },
	{ "a[" X "]=1", "subscript", "script file" },
	{ "a[\"" X "\"]=1", "subscript", "" },
	{ "a[$(echo " X ")]=1", "subscript", "" },
	{ "echo ${a[" X "]}", "subscript", "" },
	{ "echo \"${a[" X "]}\"", "subscript", "" },
	{ "a=([" X "]=1)", "subscript", "" },
	{ P "\\" X, "behind a backslash", "leave the backslash out" },
	{ P "\"\\" X "\"", "behind a backslash", "" },
	{ P "a\\\\\\" X, "behind a backslash", "" },
	{ "cat <<E\n\\" X "\nE", "behind a backslash", "" },
	{ P "$" X, "behind \"$\"", "\\$" },
	{ P "\"$" X "\"", "behind \"$\"", "" },
	{ P "$\\\n" X, "behind \"$\"", "" },
	{ "cat <<E\n$" X "\nE", "behind \"$\"", "" },
	{ P "$'a" X "'", "$'…'", "" },
	{ P "$\"a" X "\"", "$'…'", "" },
	{ P "$'a\\'b" X "'", "\\' inside $'…'", "printf" },
	{ P "${" X "}", "name of a variable", "" },
	{ P "\"${a" X "}\"", "name of a variable", "" },
	{ P "${#" X "}", "name of a variable", "" },
	{ P "${!" X "}", "name of a variable", "" },
	{ P "${a/" X "/b}", "this kind of ${…}", "expression" },
	{ P "${a/b/" X "}", "this kind of ${…}", "" },
	{ P "${a:" X "}", "this kind of ${…}", "" },
	{ P "\"${a:1:" X "}\"", "this kind of ${…}", "" },
	{ P "\"${a^" X "}\"", "this kind of ${…}", "" },
	{ P "\"${a:-\"" X "\"}\"", "quotes inside", "inner quotes" },
	{ "cat <<E\n${a#" X "}\nE", "pattern in the text of a here", "cut" },
	{ P "\"${a#'" X "'}\"", "a single quote inside", "variable first" },
	{ P "\"${a:-it's " X "}\"", "a single quote inside", "" },
	{ X "=1", "left of \"=\"", "env:" },
	{ "a" X "=1 b", "left of \"=\"", "" },
	{ "A=1 " X "_x=2", "left of \"=\"", "" },
	{ "for " X " in a; do :; done", "name of a variable", "" },
	{ "select " X " in a; do :; done", "name of a variable", "" },
	{ "export " X, "name of a variable", "" },
	{ "export " X "=1", "name of a variable", "" },
	{ "readonly a=1 " X, "name of a variable", "" },
	{ "local \"" X "\"", "name of a variable", "" },
	{ "command export " X, "name of a variable", "" },
	{ "unset " X, "name of a variable", "" },
	{ "unset 'a[" X "]'", "name of a variable", "" },
	{ "read -r " X, "name of a variable", "" },
	{ "read -a " X, "name of a variable", "" },
	{ "mapfile -t " X, "name of a variable", "" },
	{ "getopts ab " X, "name of a variable", "" },
	{ "printf -v " X " a", "name of a variable", "" },
	{ "[ -v " X " ]", "name of a variable", "" },
	{ "test -v " X, "name of a variable", "" },
	{ "[[ -v " X " ]]", "name of a variable", "" },
	{ X "() { :; }", "name of a variable or a function", "" },
	{ "function " X " { :; }", "name of a variable or a function", "" },
	/* where the lexer cannot know */
	{ P "`printf \\`a\\` " X "`", "a backslash inside `…`", "$(…)" },
	{ P "\"`printf \\\"a\\\" " X "`\"", "a backslash inside", "" },
	{ P "`a " X, "a backquote is not closed", "" },
	{ P "\"a " X, "a double quote is not closed", "" },
	{ P "'a " X, "a single quote is not closed", "" },
	{ P "$(a " X, "\"(\" without \")\"", "" },
	{ P "${a:-" X, "\"${\" without \"}\"", "" },
	{ P X ")", "\")\" without \"(\"", "" },
	{ "a=(" X, "\"(\" without \")\"", "" },
	{ "case a in " X, "without \")\"", "" },
	{ "case a in b) " X, "without \"esac\"", "" },
	{ "case a b) " X " esac", "without \"in\"", "" },
	{ "[[ " X, "without \"]]\"", "" },
	{ "cat <<E $(a\nb) " X "\nE", "a new line before the text", "" },
	{ "echo $(cat <<E) " X "\na\nE", "does not begin before \")\"", "" },
};

static bool is_refused(struct fixture *f, const char *script,
    const char *text, const char *hint)
{
	struct errs errs = { 0 };
	struct shell_text out;
	bool good;
	char *all;

	shell_compile(f->arena, fixture_text(f, script, strlen(script)),
	    &out, &errs);
	all = fixture_errors(&errs);
	good = strstr(all, text) && strstr(all, hint) && *all;
	if (!good)
		print_error("%s\nshould say \"%s\" and \"%s\", says: %s\n",
		    script, text, hint, all);
	if (errs.list.n && !errs.list.v[0].mark.source)
		good = false;
	free(all);
	errs_free(&errs);
	return good;
}

static void refused_with_the_way_out(void **state)
{
	struct fixture f;
	size_t i;
	int failed = 0;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < sizeof refusals / sizeof *refusals; i++)
		failed += !is_refused(&f, refusals[i].script,
		    refusals[i].text, refusals[i].hint);
	fixture_free(&f);
	assert_int_equal(failed, 0);
}

static void without_values_nothing_is_looked_at(void **state)
{
	static const char *const texts[] = { "", "a 'b", "$((1", "cat <<E",
		"case $x in a) b;; esac", "eval \"$a\"; sh -c 'x'" };
	struct shell_text out;
	struct fixture f;
	size_t i;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		compile(&f, texts[i], &out);
		assert_int_equal(out.n, 0);
		assert_string_equal(out.script, texts[i]);
	}
	fixture_free(&f);
}

static void script_begins_with_assignments(void **state)
{
	struct shell_text text;
	struct fixture f;
	struct scope scope;
	struct err err = ERR_INIT;
	struct value v;

	(void)state;
	fixture_init(&f);
	scope = fixture_scope(&f);
	f.x = value_static("it's");
	f.y = value_int(3);
	compile(&f, "echo " X " \"${{ params.y }}\" # " X, &text);
	assert_int_equal(text.n, 2);
	assert_int_equal(shell_script(&text, &scope, f.arena, &v, &err), 0);
	assert_string_equal(v.u.string.p, "unset CAIRN_1 CAIRN_2\n"
	    "CAIRN_1='it'\\''s'\nCAIRN_2='3'\nset -e\n"
	    "echo \"$CAIRN_1\" \"${CAIRN_2}\" # ");
	fixture_free(&f);
}

static void values_that_cannot_stand(void **state)
{
	struct value bad[6];
	struct shell_text text;
	struct fixture f;
	struct scope scope;
	struct value v;
	size_t i;

	(void)state;
	fixture_init(&f);
	scope = fixture_scope(&f);
	bad[0] = value_null();
	bad[1] = f.list;
	bad[2] = (struct value) { .type = VALUE_MAP };
	bad[3] = value_unknown("a dry run");
	bad[4] = value_string(f.arena, "a\0b", 3);
	bad[5] = value_static("secret");
	bad[5].flags = VALUE_SECRET;
	compile(&f, "echo " X, &text);
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = ERR_INIT;

		f.x = bad[i];
		assert_int_equal(shell_script(&text, &scope, f.arena, &v,
		    &err), -1);
		assert_true(err.set && err.mark.source);
		assert_null(strstr(err.text, "secret") &&
		    i != 5 ? err.text : NULL);
		err_free(&err);
	}
	fixture_free(&f);
}

/* Scripts out of pieces. What is not refused must not run the value. */
static const char *const pieces[] = {
	X, X, X, X, X, "'", "'", "\"", "\"", "\"", "`", "`", "$(", "$(", ")",
	")", "(", "${none:-", "${none#", "${none%%", "}", "}", "<<E\n",
	"\nE\n", "<<'E'\n", "<<-E\n", "<<< ", "\\", "\n", "\n", "case a in ",
	"a) ", "esac", ";;", "#", " ", " ", "$((", "((", "))", "printf %s ",
	"printf %s ", "v=", "a[", "]", "&&", "; ", "; ", "|", "&", "$", "$'",
	"$\"", "eval ", "sh -c ", "sh ", "env ", "{ ", "[[ ", " ]]", "[ ",
	"if true; then ", "fi", "for i in ", "do ", "done", "$none", "cat ",
	"export V=", "trap ", "\t", "esac\n", "a=(", "=~ ", " -eq ", "test ",
	"function f ", "f() ", "<(", "time ", "! ", "command ", "'x'",
	"\"x\"",
};
#define PIECES (sizeof pieces / sizeof *pieces)

#define PLAIN ".zqz."        /* no name, no pattern, never glued to one */

static const char *const evil[] = {
	PLAIN,
	"x';touch PWN;\"$(touch PWN)`touch PWN`\n touch PWN\n",
	"x\";touch PWN;'$(touch PWN)`touch PWN`\nE\ntouch PWN\n",
	"a[$(touch PWN)]",
	"x);touch PWN;(};touch PWN;{\nesac;touch PWN;#",
};

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 0x7fff;
}

static size_t mix(char *out, size_t room, unsigned *seed)
{
	size_t n = 0, len, left = 3 + next_random(seed) % 14;
	const char *piece;

	while (left--) {
		piece = pieces[next_random(seed) % PIECES];
		len = strlen(piece);
		if (n + len >= room)
			break;
		memcpy(out + n, piece, len);
		n += len;
	}
	out[n] = '\0';
	return n;
}

static void run_evil(const struct shell *s, const char *source,
    const char *value, const struct buf *script)
{
	struct buf out = BUF_INIT(1 << 20);

	run(s, script, &out);
	if (access("PWN", F_OK) == 0)
		fail_msg("%s ran the value %s in\n%s\ncompiled to\n%s",
		    s->name, value, source, script->data);
	buf_free(&out);
}

/* Process numbers and the order of what runs side by side differ. */
static bool is_repeatable(const char *source)
{
	const char *p = strchr(source, '&');

	while (p && p[1] == '&')
		p = strchr(p + 2, '&');
	return !p && !strstr(source, "$$") && !strstr(source, "$!");
}

/* A plain word does the same when it is written into the text. */
static void run_plain(const struct shell *s, const char *source,
    const struct buf *script)
{
	struct buf written = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct buf want = BUF_INIT(1 << 20);
	const char *p, *from = source;

	buf_adds(&written, "set -e\n");
	for (; (p = strstr(from, X)) != NULL; from = p + strlen(X)) {
		buf_add(&written, from, (size_t)(p - from));
		buf_adds(&written, PLAIN);
	}
	buf_adds(&written, from);
	run(s, script, &out);
	run(s, &written, &want);
	if (out.len != want.len || memcmp(out.data, want.data, out.len) != 0)
		fail_msg("in %s\n%s\ncompiled to\n%s\nsays %s\nnot %s",
		    s->name, source, script->data, out.data, want.data);
	buf_free(&written);
	buf_free(&want);
	buf_free(&out);
}

static void run_mixed(struct fixture *f, const struct shell_text *text,
    const char *source, const char *value)
{
	struct scope scope = fixture_scope(f);
	struct buf script = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct value v;
	size_t s;

	f->x = value_static(value);
	if (shell_script(text, &scope, f->arena, &v, &err) == -1)
		fail_msg("%s", err.text);
	buf_add(&script, v.u.string.p, v.u.string.n);
	for (s = 0; s < 2; s++) {
		if (!is_installed(&shells[s]))
			continue;
		if (strcmp(value, PLAIN) != 0)
			run_evil(&shells[s], source, value, &script);
		else if (is_repeatable(source))
			run_plain(&shells[s], source, &script);
	}
	buf_free(&script);
}

static void mixed_text_never_runs_a_value(void **state)
{
	const char *given = getenv("CAIRN_TEST_SEED");
	const char *rounds = getenv("CAIRN_TEST_ROUNDS");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) :
	    (unsigned)getpid() * 7919u;
	long left = rounds ? strtol(rounds, NULL, 10) : 20000, ran = 0;
	long most = left / 200;
	struct shell_text text;
	struct errs errs = { 0 };
	struct fixture f;
	char source[512];
	size_t n;

	(void)state;
	print_message("CAIRN_TEST_SEED=%u\n", seed);
	for (; left > 0; left--) {
		fixture_init(&f);
		n = mix(source, sizeof source, &seed);
		if (shell_compile(f.arena, fixture_text(&f, source, n), &text,
		    &errs) == 0 && text.n && ran < most) {
			run_mixed(&f, &text, source,
			    evil[ran++ % (sizeof evil / sizeof *evil)]);
		}
		errs_free(&errs);
		fixture_free(&f);
	}
	clear_directory();
	print_message("%ld scripts were run\n", ran);
}

/* Any bytes, also those that are no shell text at all. */
static void any_bytes_are_read(void **state)
{
	unsigned seed = 4711;
	struct shell_text text;
	struct errs errs = { 0 };
	struct fixture f;
	char source[64];
	size_t n, i;
	int left;

	(void)state;
	for (left = 20000; left; left--) {
		fixture_init(&f);
		n = (size_t)snprintf(source, sizeof source, "%s", X);
		for (i = 0; i < 20; i++)
			source[n++] = " '\"`$(){}<>\\\n#;|&[]=aE\t-!"
			    [next_random(&seed) % 26];
		memmove(source + 10, source, n);
		for (i = 0; i < 10; i++)
			source[i] = "'\"`$()<\\\n a"[next_random(&seed) % 11];
		/* "${{" once more is no text of a book */
		if (!memmem(source + 20, n - 10, "${{", 3))
			shell_compile(f.arena, fixture_text(&f, source,
			    n + 10), &text, &errs);
		errs_free(&errs);
		fixture_free(&f);
	}
}

static void depth_is_limited(void **state)
{
	static const char *const open[] = { "$(", "\"$(", "${a:-", "( ",
		"a=(b ", "\"${a:-", "$((" };
	struct errs errs = { 0 };
	struct shell_text text;
	struct fixture f;
	struct buf b = BUF_INIT(1 << 20);
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof open / sizeof *open; i++) {
		fixture_init(&f);
		buf_reset(&b);
		for (k = 0; k < 20000; k++)
			buf_adds(&b, open[i]);
		buf_adds(&b, X);
		assert_int_equal(shell_compile(f.arena,
		    fixture_text(&f, b.data, b.len), &text, &errs), -1);
		errs_free(&errs);
		fixture_free(&f);
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_contexts_compile),
		cmocka_unit_test(values_stay_values),
		cmocka_unit_test(values_are_not_exported),
		cmocka_unit_test(refused_with_the_way_out),
		cmocka_unit_test(without_values_nothing_is_looked_at),
		cmocka_unit_test(script_begins_with_assignments),
		cmocka_unit_test(values_that_cannot_stand),
		cmocka_unit_test(mixed_text_never_runs_a_value),
		cmocka_unit_test(any_bytes_are_read),
		cmocka_unit_test(depth_is_limited),
	};

	return cmocka_run_group_tests(tests, enter_directory,
	    leave_directory);
}
