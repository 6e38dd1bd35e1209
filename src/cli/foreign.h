/* cli/foreign.h -- names that CmdStan, PyMC and their kin have for what is called otherwise here.
 *
 * They are not taken, as two names for one thing would be two things to know; the message has
 * ours. Not collective.
 */
#ifndef MST_CLI_FOREIGN_H
#define MST_CLI_FOREIGN_H

#include "cli/options.h"

/* True, with an error that names the option of ours, when `name` (without dashes) is another
 * program's name of one that the command has, or of something that is done in another way here. */
bool mst_foreign_option(const mst_opts *opts, const char *where, const char *name, mst_error *err);

/* An argument such as `chains=4`, which is no file but would be an option in CmdStan or Python:
 * true, with an error that shows how it is written here. */
bool mst_foreign_argument(const mst_opts *opts, const char *argument, mst_error *err);

/* Commands of CmdStan that are not here: true, with an error that says which is near and why. */
bool mst_foreign_command(const char *name, mst_error *err);

#endif
