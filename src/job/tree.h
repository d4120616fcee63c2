/* The descendants of this process: with a child subreaper that is everything
 * that a job started, whatever it did to hide. */
#ifndef CAIRN_JOB_TREE_H
#define CAIRN_JOB_TREE_H

#include "base/process.h"
#include "base/vec.h"

struct tree {
	VEC(struct process) members;
};

/* Sends `sig` to all of them. With `told` only to those that are not in it,
 * and puts them there. */
void tree_signal(int sig, struct tree *told);

#endif
