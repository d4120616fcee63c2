/* The floor of reading: libyaml's events of a file, and nothing done with
 * them. */
#include <stdio.h>
#include <yaml.h>

int
main(int argc, char **argv)
{
	FILE *f = argc > 1 ? fopen(argv[1], "re") : stdin;
	yaml_parser_t parser;
	yaml_event_t event;
	int type;

	if (f == NULL || !yaml_parser_initialize(&parser))
		return 1;
	yaml_parser_set_input_file(&parser, f);
	do {
		if (!yaml_parser_parse(&parser, &event))
			return 1;
		type = event.type;
		yaml_event_delete(&event);
	} while (type != YAML_STREAM_END_EVENT);
	yaml_parser_delete(&parser);
	fclose(f);
	return 0;
}
