/* What libyaml's complaints mean for the author. Private to yaml/. */
#ifndef CAIRN_YAML_TRAP_H
#define CAIRN_YAML_TRAP_H

#include <stddef.h>
#include <yaml.h>

#include "base/err.h"

struct node;

/* Adds the error that a parser stopped with. */
void trap_parser(const yaml_parser_t *parser, const struct source *source,
    struct errs *errs);
/* A bare value that begins with what YAML keeps for itself. */
void trap_indicator(struct mark mark, struct errs *errs);
/* A bare element of "[...]" or "{...}" that was cut at a comma. */
void trap_flow_scalar(const struct node *scalar, struct errs *errs);
/* A key that is a list or a map. */
void trap_key(const struct node *key, struct errs *errs);

#endif
