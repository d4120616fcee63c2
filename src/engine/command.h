/* What people ask of a running driver, through the inbox. */
#ifndef CAIRN_ENGINE_COMMAND_H
#define CAIRN_ENGINE_COMMAND_H

#include "engine/engine.h"

/* Takes what lies in the inbox: journals each command or its refusal, and
 * removes the files when that is on disk. */
void commands_take(struct engine *e);

#endif
