/* The descendants of this process: with a child subreaper that is everything
 * that a job started, whatever it did to hide. */
#ifndef CAIRN_JOB_TREE_H
#define CAIRN_JOB_TREE_H

/* Sends `sig` to all of them. */
void tree_signal(int sig);

#endif
