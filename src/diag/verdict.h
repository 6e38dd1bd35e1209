/* diag/verdict.h -- problems of a run (R-hat, ESS, divergences), from its summary and the sampler's
 * statistics. */
#ifndef MST_DIAG_VERDICT_H
#define MST_DIAG_VERDICT_H

#include "diag/reader.h"
#include "diag/summary.h"

void mst_verdict_begin(mst_summary *summary);

/* Takes one more element into account. */
void mst_verdict_judge(mst_summary *summary, const mst_summary_row *row);

/* The sampler's statistics. Not collective. */
masting_status mst_verdict_end(mst_summary *summary, const mst_reader *reader, mst_error *err);

#endif
