/* model/cc_fault.h -- what is said when the C compiler refuses C that was made of a Stan
 * program. */
#ifndef MST_MODEL_CC_FAULT_H
#define MST_MODEL_CC_FAULT_H

#include "base/error.h"

/* Fails with MASTING_ERR_MODEL: names the line of the Stan program, the first of the compiler's
 * messages and the C for a report. stan: the program; source: the C that was compiled; kept: the
 * name under which it will be found; messages: the file with what the compiler `cc`, which ended
 * with `status`, has said. Not collective. */
masting_status mst_cc_fault(const char *stan, const char *source, const char *kept,
                            const char *messages, const char *cc, int status, mst_error *err);

#endif
