/* Every context × every hostile value, really run in every shell that is
 * installed: the output is the value, byte by byte, and nothing ran. */
#include "book_shell_run.h"

#include "base/escape.h"

#define SEPARATOR '\036'

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_contexts_compile),
		cmocka_unit_test(values_stay_values),
		cmocka_unit_test(values_are_not_exported),
	};

	return cmocka_run_group_tests(tests, enter_directory,
	    leave_directory);
}
