/* diag/verdict.h -- problems of a run (R-hat, ESS, divergences), from its summary and the sampler's
 * statistics. */
#ifndef MST_DIAG_VERDICT_H
#define MST_DIAG_VERDICT_H

#include "diag/reader.h"
#include "diag/summary.h"

/* Fills summary->verdict; the rows must be there. Not collective. */
masting_status mst_verdict_make(mst_summary *summary, const mst_reader *reader, mst_error *err);

#endif
