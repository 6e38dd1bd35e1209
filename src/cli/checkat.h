/* cli/checkat.h -- `masting check --at points.json`: log density and gradient at given points.
 *
 * In: {"points": [[...], ...]}, unconstrained, in Stan's order of parameters. Out, on standard
 * output: {"points": [{"lp": ..., "grad": [...]}, ...]}. JSON has no NaN: as CmdStan does, what is
 * not finite is written (and read) as the texts "NaN", "Inf" and "-Inf".
 */
#ifndef MST_CLI_CHECKAT_H
#define MST_CLI_CHECKAT_H

#include "target/target.h"

/* Collective: rank 0 reads the file and prints. json: as above, else a table. */
masting_status mst_check_at(mst_target *target, const mst_comm *comm, const char *path, int json,
                            mst_error *err);

#endif
