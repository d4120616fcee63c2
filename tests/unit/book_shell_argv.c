/* Argument lists, the table of second interpreters in both forms, wild
 * values, and words that destroy. */
#include "book_shell_help.h"

#include "base/vec.h"

#define ELEMENTS 12

static size_t elements(struct fixture *f, const char *const *strings,
    struct text **out)
{
	size_t n;

	for (n = 0; strings[n]; n++)
		out[n] = fixture_text(f, strings[n], strlen(strings[n]));
	return n;
}

/* "again as code" and the like, from text and from a list. */
struct refused {
	const char *text;
	const char *list[ELEMENTS];
	const char *hint;
};

#define SH "the shell reads this text again"

static const struct refused refusals[] = {
	{ "sh -c 'echo " X "'", { "sh", "-c", "echo " X }, "\"$1\"" },
	{ "bash -euo pipefail -c \"" X "\"",
	  { "bash", "-euo", "pipefail", "-c", X }, "env:" },
	{ "/bin/dash -xc 'a'" X, { "/bin/dash", "-xc", "a" X }, "script" },
	{ "ksh -c -- '" X "'", { "ksh", "-c", "--", X }, "" },
	{ "sh -c -e '" X "'", { "sh", "-c", "-e", X }, "" },
	{ "bash --norc -co pipefail " X,
	  { "bash", "--norc", "-co", "pipefail", X }, "" },
	{ "bash --rcfile f -c " X, { "bash", "--rcfile", "f", "-c", X }, "" },
	{ X "/bin/sh -c " X, { X "/bin/sh", "-c", X }, "" },
	{ "ssh host ls " X, { "ssh", "host", "ls", X }, "host:" },
	{ "ssh -p 22 -o A=b u@" X " \"ls '" X "'\"",
	  { "ssh", "-p", "22", "-o", "A=b", "u@" X, "ls '" X "'" }, "stdin:" },
	{ "ssh -oProxyCommand=" X " h", { "ssh", "-oProxyCommand=" X, "h" },
	  "jump:" },
	{ "ssh -o 'localcommand " X "' h",
	  { "ssh", "-o", "localcommand " X, "h" }, "jump:" },
	{ "su - u -c 'ls " X "'", { "su", "-", "u", "-c", "ls " X }, "as:" },
	{ "su --command=" X " u", { "su", "--command=" X, "u" }, "as:" },
	{ "runuser -l u -c " X, { "runuser", "-l", "u", "-c", X }, "as:" },
	{ "runuser -u u -- sh -c " X,
	  { "runuser", "-u", "u", "--", "sh", "-c", X }, "\"$1\"" },
	{ "eval " X, { "eval", X }, "without eval" },
	{ "eval a \"$(b " X ")\"", { "eval", "a", "b " X }, "" },
	{ "psql -Atc \"select '" X "'\"", { "psql", "-Atc", "select '" X "'" },
	  ":'x'" },
	{ "psql -d db --command=" X, { "psql", "-d", "db", "--command=" X },
	  "sql:" },
	{ "psql --command " X, { "psql", "--command", X }, "" },
	{ "mysql -u root -e " X, { "mysql", "-u", "root", "-e", X }, "env:" },
	{ "awk '{print \"'" X "'\"}' f", { "awk", "{print \"" X "\"}", "f" },
	  "ENVIRON" },
	{ "awk -F : -v a=b '" X "'", { "awk", "-F", ":", "-v", "a=b", X },
	  "ENVIRON" },
	{ "gawk -e " X, { "gawk", "-e", X }, "" },
	{ "sed s/a/" X "/ f", { "sed", "s/a/" X "/", "f" }, "ENVIRON" },
	{ "sed -i.save -n \"s/" X "//\" f",
	  { "sed", "-i.save", "-n", "s/" X "//", "f" }, "" },
	{ "sed -n -e p -e " X, { "sed", "-n", "-e", "p", "-e", X }, "" },
	{ "sed --expression=" X, { "sed", "--expression=" X }, "" },
	{ "find . -exec sh -c 'a " X "' \\;",
	  { "find", ".", "-exec", "sh", "-c", "a " X, ";" }, "\"$1\"" },
	{ "find . -type f -exec true {} + -execdir sed " X " {} +",
	  { "find", ".", "-exec", "true", "{}", "+", "-execdir", "sed", X,
	    "{}", "+" }, "" },
	{ "docker exec -it -u u box sh -c " X,
	  { "docker", "exec", "-it", "-u", "u", "box", "sh", "-c", X }, "" },
	{ "docker -H h compose exec --env A=b box psql -c " X,
	  { "docker", "compose", "exec", "--env", "A=b", "box", "psql", "-c",
	    X }, "" },
	{ "env -S " X, { "env", "-S", X }, "word of its own" },
	{ "env --split-string='a " X "'", { "env", "--split-string=a " X },
	  "" },
	{ "env -u A B=c sh -c " X, { "env", "-u", "A", "B=c", "sh", "-c", X },
	  "" },
	{ "A=1 B=2 timeout -k 5 10 sh -c " X,
	  { "timeout", "-k", "5", "10", "sh", "-c", X }, "" },
	{ "nice -n 5 nohup setsid stdbuf -oL sh -c " X,
	  { "nice", "-n", "5", "nohup", "setsid", "stdbuf", "-oL", "sh", "-c",
	    X }, "" },
	{ "time -p sh -c " X, { "time", "-f", "%e", "sh", "-c", X }, "" },
	{ "ls | xargs -I{} -n 1 sh -c " X,
	  { "xargs", "-I{}", "-n", "1", "sh", "-c", X }, "" },
	{ "sudo -u u A=b -- bash -c " X,
	  { "sudo", "-u", "u", "A=b", "--", "bash", "-c", X }, "" },
	{ "sudo --user u -iH env -i sh -c " X,
	  { "sudo", "--user", "u", "-iH", "env", "-i", "sh", "-c", X }, "" },
	{ "flock -w 5 f sh -c " X, { "flock", "-w", "5", "f", "sh", "-c", X },
	  "" },
	{ "flock f -c " X, { "flock", "f", "-c", X }, "" },
	{ "watch -n 5 ls " X, { "watch", "-n", "5", "ls", X }, "" },
	{ "ansible all -m shell -a 'ls " X "'",
	  { "ansible", "all", "-m", "shell", "-a", "ls " X }, "host:" },
	{ "ansible all -ba " X, { "ansible", "all", "-ba", X }, "" },
	{ "ansible all --args=" X, { "ansible", "all", "--args=" X }, "" },
	{ "cchq env run-shell-command all " X,
	  { "cchq", X, "run-shell-command", "all", X }, "host:" },
	{ "python3 -c \"print('" X "')\"",
	  { "python3", "-c", "print('" X "')" }, "sys.argv" },
	{ "perl -lne 'print if /" X "/'", { "perl", "-lne", "/" X "/" },
	  "ARGV" },
	{ "! sh -c " X, { "sudo", X, "sh", "-c", X }, "" },
	{ "if sh -c " X "; then :; fi", { X, "sh", "-c", X }, "" },
};

/* Only text has these. */
static const struct refused refused_texts[] = {
	{ "for i do eval " X "; done", { 0 }, "" },
	{ "function f { eval " X "; }", { 0 }, "" },
	{ "case a in a) eval " X ";; esac", { 0 }, "" },
	{ "while true; do eval " X "; done", { 0 }, "" },
	{ "a() { eval " X "; }", { 0 }, "" },
	{ "( eval " X " )", { 0 }, "" },
	{ "v=$(eval " X ")", { 0 }, "" },
	{ "\\eval " X, { 0 }, "" },
	{ "'ev'al " X, { 0 }, "" },
	{ "ev\\\nal " X, { 0 }, "" },
	{ "command eval " X, { 0 }, "" },
	{ "2>f eval " X, { 0 }, "" },
	{ "psql -c 2>f " X, { 0 }, "" },
	{ "trap 'rm '" X " EXIT", { 0 }, "variable first" },
	{ "alias a='b " X "'", { 0 }, "function" },
	{ "sh <<E\necho " X "\nE", { 0 }, "sh -s" },
	{ "sudo -u u bash -s -- a <<E\necho " X "\nE", { 0 }, "" },
	{ "psql db <<E\nselect '" X "'\nE", { 0 }, ":'x'" },
	{ "psql db <<E | cat\nselect '" X "'\nE", { 0 }, "" },
	{ "ssh host <<E\nls " X "\nE", { 0 }, "" },
	{ "ssh -T host 'sudo bash -s' <<E\nls " X "\nE", { 0 }, "" },
	{ "su - u <<E\nls " X "\nE", { 0 }, "" },
	{ "python3 - <<E\n" X "\nE", { 0 }, "" },
	{ "bash <<< \"ls " X "\"", { 0 }, "" },
	{ "echo ls " X " | sh", { 0 }, "" },
	{ "printf '%s' " X " | sudo psql db", { 0 }, "" },
	{ "bash <(echo " X ")", { 0 }, "" },
};

static const struct refused allowed[] = {
	{ "sh -c 'echo \"$1\"' sh " X, { "sh", "-c", "echo \"$1\"", "sh", X },
	  "" },
	{ "sh script -c " X, { "sh", "script", "-c", X }, "" },
	{ "sh -- f " X, { "sh", "--", "f", X }, "" },
	{ "bash -s " X " </dev/null", { "bash", "-s", X }, "" },
	{ "ssh -p " X " u@" X " uptime", { "ssh", "-p", X, "u@" X, "uptime" },
	  "" },
	{ "su - " X " -c uptime", { "su", "-", X, "-c", "uptime" }, "" },
	{ "runuser -u u -- ls " X, { "runuser", "-u", "u", "--", "ls", X },
	  "" },
	{ "psql -d " X " -v a=" X " -f f",
	  { "psql", "-d", X, "-v", "a=" X, "-f", "f" }, "" },
	{ "awk -v a=" X " '{print a}' " X,
	  { "awk", "-v", "a=" X, "{print a}", X }, "" },
	{ "awk -f prog " X, { "awk", "-f", "prog", X }, "" },
	{ "sed -n 's/a/b/' " X, { "sed", "-n", "s/a/b/", X }, "" },
	{ "sed -e p -e d " X, { "sed", "-e", "p", "-e", "d", X }, "" },
	{ "sed " X " -e p", { "sed", X, "-e", "p" }, "" },
	{ "find " X " -name " X " -exec ls {} +",
	  { "find", X, "-name", X, "-exec", "ls", "{}", "+" }, "" },
	{ "find . -exec sh -c 'a \"$1\"' sh " X " \\;",
	  { "find", ".", "-exec", "sh", "-c", "a", "sh", X, ";" }, "" },
	{ "docker exec -u " X " box ls " X,
	  { "docker", "exec", "-u", X, "box", "ls", X }, "" },
	{ "env A=" X " ls " X, { "env", "A=" X, "ls", X }, "" },
	{ "sudo -u " X " ls " X, { "sudo", "-u", X, "ls", X }, "" },
	{ "timeout " X " ls " X, { "timeout", X, "ls", X }, "" },
	{ "xargs -a " X " ls", { "xargs", "-a", X, "ls" }, "" },
	{ "python3 manage.py shell -c " X,
	  { "python3", "manage.py", "shell", "-c", X }, "" },
	{ "python3 -m m -c " X, { "python3", "-m", "m", "-c", X }, "" },
	{ "python3 -c 'import sys' " X, { "python3", "-c", "import", X }, "" },
	{ "ansible " X " -m ping", { "ansible", X, "-m", "ping" }, "" },
	{ "grep -c " X " f", { "grep", "-c", X, "f" }, "" },
	{ "echo eval " X " sh -c " X, { "echo", "eval", X, "sh", "-c", X },
	  "" },
	{ X " eval " X, { X, "eval", X }, "" },
	{ "cat <<E | sh\na" X "\nE", { "cat", X }, "" },
	{ "ssh host 'cat >f' <<E\n" X "\nE", { "ssh", X }, "" },
	{ "psql -f f <<E\n" X "\nE", { "psql", X }, "" },
	{ "sh script <<E\n" X "\nE", { "sh", X }, "" },
	{ "zcat " X " | psql db", { "zcat", X }, "" },
	{ "v=" X "; trap 'rm \"$v\"' EXIT", { "trap", "x", X }, "" },
	{ "run_eval " X, { "my-sh", "-c", X }, "" },
};

static char *errors_of_text(struct fixture *f, const char *s)
{
	struct errs errs = { 0 };
	struct shell_text out;
	char *all;

	shell_compile(f->arena, fixture_text(f, s, strlen(s)), &out, &errs);
	all = fixture_errors(&errs);
	errs_free(&errs);
	return all;
}

static char *errors_of_list(struct fixture *f, const char *const *list)
{
	struct text *texts[ELEMENTS];
	size_t n = elements(f, list, texts);
	struct errs errs = { 0 };
	char *all;

	argv_check(texts, n, &errs);
	all = fixture_errors(&errs);
	errs_free(&errs);
	return all;
}

static int says_no(const char *what, char *all, const char *hint)
{
	bool good = strstr(all, "a value cannot stand here: ") &&
	    strstr(all, hint);

	if (!good)
		print_error("%s: should be refused with \"%s\", says: %s\n",
		    what, hint, all);
	free(all);
	return !good;
}

static int says_nothing(const char *what, char *all)
{
	bool good = *all == '\0';

	if (!good)
		print_error("%s: should be allowed, says: %s\n", what, all);
	free(all);
	return !good;
}

static void second_interpreters(void **state)
{
	const struct refused *r;
	struct fixture f;
	size_t i;
	int failed = 0;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		r = &refusals[i];
		failed += says_no(r->text, errors_of_text(&f, r->text),
		    r->hint);
		failed += says_no(r->list[0], errors_of_list(&f, r->list),
		    r->hint);
	}
	for (i = 0; i < sizeof refused_texts / sizeof *refused_texts; i++) {
		r = &refused_texts[i];
		failed += says_no(r->text, errors_of_text(&f, r->text),
		    r->hint);
	}
	for (i = 0; i < sizeof allowed / sizeof *allowed; i++) {
		r = &allowed[i];
		failed += says_nothing(r->text, errors_of_text(&f, r->text));
		failed += says_nothing(r->list[0],
		    errors_of_list(&f, r->list));
	}
	fixture_free(&f);
	assert_int_equal(failed, 0);
}

static void programs_that_run_their_input(void **state)
{
	static const struct { const char *list[6]; bool code; } rows[] = {
		{ { "sh" }, true }, { { "bash", "-s" }, true },
		{ { "bash", "-s", "--", "a" }, true },
		{ { "bash", "-x", "script" }, false },
		{ { "sh", "-c", "cat" }, false },
		{ { "sudo", "-u", "u", "psql", "db" }, true },
		{ { "psql", "-f", "f" }, false }, { { "cat" }, false },
		{ { "ssh", "host" }, true }, { { "ssh", "h", "cat" }, false },
		{ { "ssh", "h", "psql db" }, true },
		{ { "nsupdate", "-k", "f" }, false }, { { "sudo" }, false },
		{ { X, "shell" }, false }, { { X }, false },
	};
	struct text *texts[ELEMENTS];
	struct fixture f;
	size_t i, n;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		n = elements(&f, rows[i].list, texts);
		if (argv_reads_code(texts, n) != rows[i].code)
			fail_msg("row %zu: %s", i, rows[i].list[0]);
	}
	fixture_free(&f);
}

/* Evaluates a list and joins it with "|"; errors as "! text; hint". */
static char *eval(struct fixture *f, const char *const *strings)
{
	struct text *texts[ELEMENTS];
	size_t n = elements(f, strings, texts), i;
	struct scope scope = fixture_scope(f);
	struct buf b = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct value list;

	if (argv_eval(texts, n, &scope, f->arena, &list, &err) == -1) {
		buf_addf(&b, "! %s; %s", err.text, err.hint ? err.hint : "");
		assert_true(n == 0 || err.mark.source != NULL);
		err_free(&err);
		return buf_detach(&b, NULL);
	}
	for (i = 0; i < list.u.list.n; i++) {
		assert_int_equal(list.u.list.items[i].type, VALUE_STRING);
		buf_addf(&b, "%s%s", i ? "|" : "",
		    list.u.list.items[i].u.string.p);
	}
	return buf_detach(&b, NULL);
}

static void expect(struct fixture *f, const char *want,
    const char *const *strings)
{
	char *got = eval(f, strings);

	if (want[0] == '!' ? !strstr(got, want + 2) || *got != '!' :
	    strcmp(got, want) != 0)
		fail_msg("wants %s, gives %s", want, got);
	free(got);
}
#define EXPECT(f, want, ...) \
	expect(f, want, (const char *const[]) { __VA_ARGS__, NULL })

static struct value list_of(struct fixture *f, struct value a, struct value b)
{
	struct value_list l = { .arena = f->arena };

	value_list_add(&l, a);
	value_list_add(&l, b);
	return value_list_done(&l);
}

static void lists_are_spliced_and_null_vanishes(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.list = list_of(&f, value_static("a b"), value_int(3));
	EXPECT(&f, "ls|a b|3|z", "ls", "${{ params.list }}", "z");
	EXPECT(&f, "a b|3", "${{ params.list }}");
	EXPECT(&f, "ls|z", "ls", "${{ params.null }}", "z");
	EXPECT(&f, "ls|z", "ls", "${{ params.none }}", "z");
	EXPECT(&f, "! nothing is left", "${{ params.null }}",
	    "${{ params.none }}");
	EXPECT(&f, "ls|", "ls", "");
	EXPECT(&f, "ls|value|a-value", "ls", X, "a-" X);
	EXPECT(&f, "! a list", "ls", "a${{ params.list }}");
	EXPECT(&f, "! null", "ls", "a${{ params.null }}");
	f.list = list_of(&f, value_null(), value_bool(true));
	EXPECT(&f, "ls|true", "ls", "${{ params.list }}");
	f.list = list_of(&f, f.list, f.list);
	EXPECT(&f, "! a list", "ls", "${{ params.list }}");
	f.x = (struct value) { .type = VALUE_MAP };
	EXPECT(&f, "! a map", "ls", X);
	f.x = value_unknown("a dry run");
	EXPECT(&f, "! a dry run", "ls", X);
	fixture_free(&f);
}

#define DASH "! begins with \"-\""

static void no_option_slips_in(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.x = value_static("-x");
	f.y = value_static("");
	f.list = list_of(&f, value_static("a"), value_static("--all"));
	EXPECT(&f, DASH, X);
	EXPECT(&f, DASH, "ls", X);
	EXPECT(&f, DASH, "ls", "a", X);
	EXPECT(&f, DASH, "ls", X, "a");
	EXPECT(&f, "! opt(…)", "ls", "-a", X, "--", "b");
	EXPECT(&f, DASH, "ls", X "b");
	EXPECT(&f, DASH, "ls", "${{ params.y }}" X);
	EXPECT(&f, DASH, "ls", "${{ params.y }}-b");
	EXPECT(&f, DASH, "ls", "${{ params.list }}");
	EXPECT(&f, "ls|--|-x", "ls", "--", X);
	EXPECT(&f, "ls|--|a|--all|-x", "ls", "--", "${{ params.list }}", X);
	EXPECT(&f, "ls|--rev=-x|-a", "ls", "--rev=" X, "-a");
	EXPECT(&f, "ls|-x", "ls", "${{ opt(params.x) }}");
	EXPECT(&f, "ls|a|--all", "ls", "${{ opt(params.list) }}");
	EXPECT(&f, "ls|-l", "ls", "${{ '-l' }}");
	/* these dashes belong to a program that only starts another */
	EXPECT(&f, DASH, "sudo", "--", "rm", X);
	EXPECT(&f, DASH, "timeout", "--", "5", "env", "--", "rm", X);
	EXPECT(&f, "sudo|--|rm|--|-x", "sudo", "--", "rm", "--", X);
	/* a computed "--" is an option like others */
	f.y = value_static("--");
	EXPECT(&f, DASH, "ls", "${{ params.y }}", X);
	f.x = value_int(-5);
	EXPECT(&f, DASH, "ls", X);
	f.x = value_of(VALUE_DURATION, -NSEC_PER_SEC);
	EXPECT(&f, DASH, "ls", X);
	fixture_free(&f);
}

static void secrets_and_nul_are_refused(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.x = value_static("hunter2hunter2");
	f.x.flags = VALUE_SECRET;
	EXPECT(&f, "! a secret cannot stand in an argument", "ls", X);
	EXPECT(&f, "! stdin: or env:", "ls", "a" X);
	EXPECT(&f, "! a secret", "ls", "--", "${{ opt(params.x) }}");
	f.list = list_of(&f, value_static("a"), f.x);
	EXPECT(&f, "! a secret", "ls", "${{ params.list }}");
	f.x = value_string(f.arena, "a\0b", 3);
	EXPECT(&f, "! NUL", "ls", X);
	EXPECT(&f, "! NUL", "ls", "a" X);
	fixture_free(&f);
}

static bool is_wild(struct value v, bool url)
{
	struct err err = ERR_INIT;
	struct mark mark = { 0 };
	bool wild = wild_check(v, url, mark, &err) == -1;

	assert_int_equal(wild, err.set);
	if (wild)
		assert_non_null(strstr(err.hint, "wild("));
	err_free(&err);
	return wild;
}

static void wild_values(void **state)
{
	static const char *const wild[] = { "", " ", "\n\t ", ".", "..", "/",
		"//", "./", "../", "/.", "/..", "../..", "./../" };
	static const char *const wide[] = { "*", ",", "_all", "a*", "a,b",
		"a,*" };
	static const char *const tame[] = { "a", "...", ".a", "a/..", "/a",
		"-", "0", "all", "a b" };
	struct fixture f;
	struct value v;
	size_t i;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < sizeof wild / sizeof *wild; i++) {
		v = value_static(wild[i]);
		assert_true(is_wild(v, false) && is_wild(v, true));
		assert_true(is_wild(list_of(&f, value_static("a"), v),
		    false));
		v.flags |= VALUE_WILD;
		assert_false(is_wild(v, false) || is_wild(v, true));
	}
	for (i = 0; i < sizeof wide / sizeof *wide; i++) {
		v = value_static(wide[i]);
		assert_true(!is_wild(v, false) && is_wild(v, true));
		v.flags |= VALUE_WILD;
		assert_false(is_wild(v, true));
	}
	for (i = 0; i < sizeof tame / sizeof *tame; i++)
		assert_false(is_wild(value_static(tame[i]), true));
	assert_true(is_wild(value_null(), false));
	assert_true(is_wild(value_unknown("a dry run"), false));
	assert_true(is_wild(f.list, false));
	assert_false(is_wild(value_int(0), true));
	fixture_free(&f);
}

static void destroying_words(void **state)
{
	static const char *const rows[][2] = {
		{ "rm -r x", "rm -r" }, { "rm -fr x", "rm -r" },
		{ "rm -f -R x", "rm -r" }, { "/bin/rm --recursive x", "rm -r" },
		{ "cd a && rm -rf x", "rm -r" }, { "rm x '-r'", "rm -r" },
		{ "rm \\\n -rf x", "rm -r" }, { "sudo rm -vrf x", "rm -r" },
		{ "wipe_es", "wipe" }, { "delete_couch_dbs x", "delete" },
		{ "DROP TABLE a", "drop" }, { "a; drop", "drop" },
		{ "Truncate a", "truncate" }, { "flush_caches", "flush" },
		{ "redis-cli FLUSHALL", "flushall" }, { "dropdb a", "dropdb" },
		{ "find . -delete", "delete" },
		{ "rsync --delete a b", "delete" },
		{ "mkfs.ext4 /dev/x", "mkfs" }, { "mkfs -t x", "mkfs" },
		{ "x --commit", "--commit" }, { "x --commit=1 y", "--commit" },
		{ "curl -X DELETE u", "-X DELETE" },
		{ "curl -sXDELETE u; curl -XDELETE u", "-X DELETE" },
		{ "curl -X 'DELETE' u", "-X DELETE" },
		{ "dd if=a of=/dev/x", "dd of=" }, { "dd of=a", "dd of=" },
		{ "echo ${{ if(params.x, 'drop', 'a') }}", "drop" },
		{ "echo a ${{ params.x }}; drop", "drop" },
		{ "# harmless\nrm -r x", "rm -r" },
		{ "rm -f x", NULL }, { "rm x; ls -r", NULL },
		{ "rm x\nls -r", NULL }, { "farm -r", NULL },
		{ "rmdir -r", NULL }, { "rm-r", NULL },
		{ "deleted undelete dropped wiped flushed", NULL },
		{ "git commit", NULL }, { "x --commit-rev=a", NULL },
		{ "x --commcare-rev", NULL }, { "x --precommit", NULL },
		{ "curl -X GET u", NULL }, { "ddd of=x", NULL },
		{ "dd if=a; x of=b", NULL }, { "b\303\266drop", NULL },
		{ "ls ${{ steps.wipe_es.out }}", NULL },
		{ "ls ${{ params.drop }} ${{ delete }}", NULL },
		{ "# does not drop anything\nls", NULL }, { "", NULL },
	};
	const char *word;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		word = destroying_word(rows[i][0], strlen(rows[i][0]));
		if (rows[i][1] ? !word || strcmp(word, rows[i][1]) != 0 :
		    word != NULL)
			fail_msg("%s: %s", rows[i][0], word ? word : "-");
	}
}

static void destroying_words_say_where(void **state)
{
	static const char s[] = "ls\nwipe a\ndrop b\n";
	size_t at = 0;

	(void)state;
	assert_string_equal(destroying_word_from(s, strlen(s), &at), "wipe");
	assert_int_equal(at, 3);
	at++;
	assert_string_equal(destroying_word_from(s, strlen(s), &at), "drop");
	assert_int_equal(at, 10);
	at++;
	assert_null(destroying_word_from(s, strlen(s), &at));
}

static void destroying_lists(void **state)
{
	static const struct { const char *list[6], *word; } rows[] = {
		{ { "rm", "-rf", X }, "rm -r" },
		{ { "rm", "-f", X, "-r" }, "rm -r" },
		{ { X, "wipe_es", "--commit" }, "wipe" },
		{ { X, "x", "--commit" }, "--commit" },
		{ { "curl", "-X", "DELETE", X }, "-X DELETE" },
		{ { "dd", "if=a", "of=" X }, "dd of=" },
		{ { "sh", "-c", "rm -rf \"$1\"", "sh", X }, "rm -r" },
		{ { "ls", "-r", X }, NULL },
		{ { "ls", "${{ params.x }}ed" }, NULL },
		{ { "check", "--commcare-rev=" X }, NULL },
	};
	struct text *texts[ELEMENTS];
	struct fixture f;
	const char *word;
	size_t i, n;

	(void)state;
	fixture_init(&f);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		n = elements(&f, rows[i].list, texts);
		word = destroying_word_argv(texts, n);
		if (rows[i].word ? !word || strcmp(word, rows[i].word) != 0 :
		    word != NULL)
			fail_msg("row %zu: %s", i, word ? word : "-");
	}
	fixture_free(&f);
}

static void lint_ok_comments(void **state)
{
	static const char text[] =
	    "run: drop   # lint: ok it is a word\n"
	    "  # lint: ok the line below\n"
	    "run: drop\n"
	    "run: drop # lint: ok\n"
	    "a: b # lint: ok not alone\n"
	    "run: drop\n"
	    "run: drop# lint: ok glued\n"
	    "# lint: ok \n"
	    "run: drop\n";
	static const bool ok[] = { false, true, true, true, false, true,
		false, false, false, false, false, false };
	struct source *s = source_new("test", text, strlen(text));
	struct mark mark = { s, 0, 1 };

	(void)state;
	for (mark.line = 0; mark.line < 12; mark.line++) {
		if (lint_ok_comment(mark) != ok[mark.line])
			fail_msg("line %u", mark.line);
	}
	mark.source = NULL;
	assert_false(lint_ok_comment(mark));
	source_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(second_interpreters),
		cmocka_unit_test(programs_that_run_their_input),
		cmocka_unit_test(lists_are_spliced_and_null_vanishes),
		cmocka_unit_test(no_option_slips_in),
		cmocka_unit_test(secrets_and_nul_are_refused),
		cmocka_unit_test(wild_values),
		cmocka_unit_test(destroying_words),
		cmocka_unit_test(destroying_words_say_where),
		cmocka_unit_test(destroying_lists),
		cmocka_unit_test(lint_ok_comments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
