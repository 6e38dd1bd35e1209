/* diag/diagnose_impl.h -- what the checks of diagnose.h share: the draws of some elements, and a
 * place to write findings to. */
#ifndef MST_DIAG_DIAGNOSE_IMPL_H
#define MST_DIAG_DIAGNOSE_IMPL_H

#include "diag/diagnose.h"

#define MST_CASE_SLOW 5
#define MST_CASE_ELEMENTS 300     /* whose draws are looked at, of each of the two kinds */
#define MST_CASE_BYTES (64 << 20) /* of draws in memory */
#define MST_AGREES 1.05           /* R-hat below which a change of view is taken to explain */

typedef struct mst_suspect { /* an element that is looked at draw by draw */
  const mst_draws_variable *variable;
  int64_t element;
  char *label;
  mst_element value;
} mst_suspect;

typedef struct mst_list {
  mst_suspect item[MST_CASE_ELEMENTS];
  int count;
  int64_t of; /* elements that would have belonged to it */
} mst_list;

typedef struct mst_case {
  const mst_reader *reader;
  mst_diagnosis *to;
  mst_summary summary;
  mst_element_work *work;
  int64_t chains, draws, count; /* count: chains x draws */
  mst_list globals;             /* of the posterior, without those of rows */
  mst_list apart;               /* with an R-hat above the limit */
  mst_list slow;                /* of the least ESS, at most MST_CASE_SLOW */
  bool apart_badly; /* chains are in different places: correlations over all of them mislead */
  double *x;        /* [globals.count][count] */
  double *lp;       /* [count], or NULL */
  double *space;    /* [2 count] */
} mst_case;

/* Adds a finding; the texts are copied. advice may be NULL. */
void mst_case_say(mst_case *c, mst_level level, const char *check, const char *says,
                  const char *advice, mst_error *err);

/* The draws of one element into out[count]. */
masting_status mst_case_draws(const mst_case *c, const mst_suspect *s, double *out, mst_error *err);

/* Why chains do not agree (in diagnose_chains.c). */
masting_status mst_case_chains(mst_case *c, mst_error *err);

/* Where draws diverged, and along what the posterior is narrow (in diagnose_where.c). */
masting_status mst_case_divergences(mst_case *c, mst_error *err);
masting_status mst_case_directions(mst_case *c, mst_error *err);

#endif
