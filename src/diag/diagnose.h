/* diag/diagnose.h -- what is wrong with a run, in plain words, and what to do about it.
 *
 * Looks at the sampler's statistics, at R-hat and ESS of every element, and, where chains do not
 * agree, at why: a chain that is stuck, signs or labels that chains exchanged, modes apart, or
 * chains still on their way. Serial; not collective; needs no MPI.
 */
#ifndef MST_DIAG_DIAGNOSE_H
#define MST_DIAG_DIAGNOSE_H

#include <stdio.h>

#include "diag/reader.h"
#include "diag/summary.h"

typedef enum mst_level { MST_LEVEL_FINE, MST_LEVEL_NOTE, MST_LEVEL_PROBLEM } mst_level;

typedef struct mst_finding {
  mst_level level;
  const char *check; /* "divergences"; a literal */
  char *says;        /* what was found */
  char *advice;      /* NULL: nothing to do */
} mst_finding;

typedef struct mst_diagnosis {
  mst_finding *finding; /* in the order of the checks */
  int findings;
  int problems, notes;
  int64_t chains, draws, elements;
} mst_diagnosis;

/* All checks. Errors: those of mst_summary_make. Free with mst_diagnosis_free, also on failure. */
masting_status mst_diagnose(mst_diagnosis *diagnosis, const mst_reader *reader, mst_error *err);
void mst_diagnosis_free(mst_diagnosis *diagnosis);

/* For people: problems first, lines of up to 100 columns. */
masting_status mst_diagnosis_print(const mst_diagnosis *diagnosis, const mst_reader *reader,
                                   FILE *out, mst_error *err);

/* {"files", "chains", "draws", "elements", "problems", "notes", "findings": [{"check", "level",
 * "says", "advice"}]}. */
masting_status mst_diagnosis_print_json(const mst_diagnosis *diagnosis, const mst_reader *reader,
                                        FILE *out, mst_error *err);

#endif
