/* What a book may not hold although YAML may. Private to yaml/. */
#ifndef CAIRN_YAML_CHECK_H
#define CAIRN_YAML_CHECK_H

struct errs;
struct node;
struct source;

/* UTF-8, and no line break that only YAML sees. 0 or -1. */
int check_bytes(const struct source *source, struct errs *errs);
/* Text, not "<<", not empty, no expression. */
void check_key(const struct node *key, struct errs *errs);
/* Each key that stands in a map already. */
void check_duplicates(const struct node *map, struct errs *errs);

#endif
