#include "book/interpreters_private.h"

static const struct program programs[] = {
	{ .names = "env", .rule = RULE_WRAPPER, .assigns = true,
	  .with_arg = "uC", .with_arg_long = "--unset --chdir",
	  .code = "S", .code_long = "--split-string",
	  .why = { AGAIN "env -S takes the text apart again",
	    "write every argument as a word of its own, without -S" } },
	{ .names = "timeout", .rule = RULE_WRAPPER, .operands = 1,
	  .with_arg = "ks", .with_arg_long = "--kill-after --signal" },
	{ .names = "nice ionice", .rule = RULE_WRAPPER,
	  .with_arg = "nc", .with_arg_long = "--adjustment --class "
	  "--classdata" },
	{ .names = "nohup setsid exec command builtin", .rule = RULE_WRAPPER,
	  .with_arg = "a" },
	{ .names = "stdbuf", .rule = RULE_WRAPPER, .with_arg = "ioe",
	  .with_arg_long = "--input --output --error" },
	{ .names = "time", .rule = RULE_WRAPPER, .with_arg = "of",
	  .with_arg_long = "--output --format" },
	{ .names = "xargs", .rule = RULE_WRAPPER, .with_arg = "adEILnPs",
	  .with_arg_long = "--arg-file --delimiter --max-lines --max-args "
	  "--max-procs --max-chars" },
	{ .names = "sudo doas", .rule = RULE_WRAPPER, .assigns = true,
	  .with_arg = "CDghpRrTtuU", .with_arg_long = "--user --group --host "
	  "--prompt --chdir --chroot --role --type --other-user "
	  "--command-timeout --close-from" },
	{ .names = "sshpass", .rule = RULE_WRAPPER, .with_arg = "fdpP" },
	{ .names = "docker docker-compose podman kubectl",
	  .rule = RULE_CONTAINER,
	  .with_arg = "euwnc", .with_arg_long = "--env --env-file --user "
	  "--workdir --detach-keys --index --namespace --container" },
	{ .names = "find", .rule = RULE_EXEC },
	{ .names = "sh bash dash ksh ash zsh", .rule = RULE_SHELL,
	  .with_arg = "oO", .with_arg_long = "--rcfile --init-file",
	  .code = "c", .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "the shell reads this text again as code",
	    "write sh -c '… \"$1\"' sh ${{ x }}, or use env: and \"$NAME\" "
	    "inside the text, or a script file" } },
	{ .names = "ssh", .rule = RULE_BEHIND,
	  .with_arg = "BbcDEeFIiJLlmOopQRSWw", .input = INPUT_CODE,
	  .stops = true,
	  .why = { AGAIN "the shell of the other side reads it again as code",
	    "make it a step of that host (host:), or send it by stdin:, or "
	    "use a script file" } },
	{ .names = "su runuser", .rule = RULE_OPTION, .with_arg = "gGsTwu",
	  .with_arg_long = "--group --supp-group --shell --user "
	  "--whitelist-environment",
	  .code = "c", .code_long = "--command --session-command",
	  .input = INPUT_CODE,
	  .why = { AGAIN "the shell of that user reads it again as code",
	    "use as: of the step, or stdin:, or a script file" } },
	{ .names = "eval", .rule = RULE_ALL,
	  .why = { AGAIN "eval reads its arguments again as code",
	    "call the command without eval, or use a script file" } },
	{ .names = "alias", .rule = RULE_ALL,
	  .why = { AGAIN "the shell reads an alias again as code",
	    "write a function" } },
	{ .names = "trap", .rule = RULE_FIRST,
	  .why = { AGAIN "the shell reads a trap again as code",
	    "put the value into a variable first, and write trap '… "
	    "\"$name\"'" } },
	{ .names = "watch", .rule = RULE_ALL, .stops = true, .with_arg = "n",
	  .with_arg_long = "--interval",
	  .why = { AGAIN "watch gives its arguments to a shell again",
	    "use env: and \"$NAME\" inside the text, or a script file" } },
	{ .names = "flock", .rule = RULE_WRAPPER, .operands = 1,
	  .with_arg = "wE", .with_arg_long = "--timeout --conflict-exit-code",
	  .code = "c", .code_long = "--command",
	  .why = { AGAIN "a shell reads this text again as code",
	    "use env: and \"$NAME\" inside the text, or a script file" } },
	{ .names = "script", .rule = RULE_OPTION, .with_arg = "BEIOoTm",
	  .code = "c", .code_long = "--command",
	  .why = { AGAIN "a shell reads this text again as code",
	    "use env: and \"$NAME\" inside the text, or a script file" } },
	{ .names = "psql", .rule = RULE_OPTION, .with_arg = "dfhLoPpRFTUv",
	  .with_arg_long = "--dbname --host --log-file --output --pset "
	  "--port --record-separator --field-separator --table-attr "
	  "--username --set --variable",
	  .code = "c", .code_long = "--command", .file = "f",
	  .file_long = "--file", .input = INPUT_CODE,
	  .why = { AGAIN "psql reads it as SQL",
	    "use psql -v x=${{ x }} and :'x' in SQL that comes by stdin:, or "
	    "a step with sql:" } },
	{ .names = "mysql mariadb", .rule = RULE_OPTION,
	  .with_arg = "DhPSu", .with_arg_long = "--database --host --port "
	  "--socket --user", .code = "e", .code_long = "--execute",
	  .attached = "p", .input = INPUT_CODE,
	  .why = { AGAIN "the program reads it as SQL",
	    "use a script file that takes the value from env:" } },
	{ .names = "awk gawk mawk nawk", .rule = RULE_FIRST,
	  .with_arg = "Fvil", .with_arg_long = "--field-separator --assign "
	  "--include --load", .code = "e", .code_long = "--source",
	  .file = "f", .file_long = "--file",
	  .why = { AGAIN "awk reads it as a program",
	    "use env: and ENVIRON[\"NAME\"] in the program" } },
	{ .names = "sed", .rule = RULE_FIRST, .with_arg = "l",
	  .with_arg_long = "--line-length", .code = "e",
	  .code_long = "--expression", .file = "f", .file_long = "--file",
	  .attached = "i",
	  .why = { AGAIN "sed reads it as a script",
	    "use awk with env: and ENVIRON[\"NAME\"], or a script file" } },
	{ .names = "ansible", .rule = RULE_OPTION,
	  .with_arg = "BefilmMPtTu", .code = "a", .code_long = "--args",
	  .why = { AGAIN "ansible gives it to a shell again",
	    "use a step of that host (host:), or a script file" } },
	{ .names = "python python3", .rule = RULE_OPTION, .stops = true,
	  .with_arg = "WX", .code = "c", .file = "m",
	  .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "python reads it as a program",
	    "write it behind the program and take it from sys.argv" } },
	{ .names = "perl ruby", .rule = RULE_OPTION, .stops = true,
	  .with_arg = "Ir", .code = "eE", .attached = "iFMmC",
	  .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "the program reads it as code",
	    "write it behind the program and take it from ARGV" } },
	{ .names = "node", .rule = RULE_OPTION, .stops = true,
	  .with_arg = "r", .code = "ep", .code_long = "--eval --print",
	  .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "node reads it as a program",
	    "write it behind the program and take it from process.argv" } },
	{ .names = "php", .rule = RULE_OPTION, .stops = true,
	  .with_arg = "cdtzS", .code = "rBRE", .file = "fF",
	  .code_long = "--run", .input = INPUT_CODE_WITHOUT_OPERAND,
	  .why = { AGAIN "php reads it as a program",
	    "write it behind \"--\" and take it from $argv" } },
};

struct word program_base(const struct word *w)
{
	struct word name = *w;
	size_t i;

	for (i = w->len; i > 0 && w->text[i - 1] != '/'; i--)
		;
	name.text += i;
	name.len -= i;
	return name;
}

const struct program *program_find(const struct word *w)
{
	struct word name = program_base(w);
	size_t i;

	for (i = 0; i < sizeof programs / sizeof *programs; i++) {
		if (word_in(&name, programs[i].names))
			return &programs[i];
	}
	return NULL;
}
