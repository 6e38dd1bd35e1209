/* run/record.h -- from a chain's point to the draws file: constrain, derive, store, or keep moments. */
#ifndef MST_RUN_RECORD_H
#define MST_RUN_RECORD_H

#include "nuts/tree.h"
#include "run/engine.h"
#include "store/drawfile.h"

typedef struct mst_record {
  const mst_engine *engine;
  mst_drawfile *file;     /* not owned; NULL: nothing is stored */
  double *theta;          /* [globals], then derived quantities */
  double *staging;        /* [row-local elements of this rank], with transforms */
  double *row_derived;    /* [row-derived elements of this rank] */
  double **mean, **m2;    /* [chains][row-local, then row-derived elements], with MST_LATENTS_MOMENTS */
  int64_t *count;         /* [chains] draws in the moments */
} mst_record;

/* Not collective; the caller agrees on errors. */
masting_status mst_record_begin(mst_record *r, const mst_engine *engine, mst_drawfile *file,
                                mst_error *err);
void mst_record_end(mst_record *r);

/* Not collective. The draw that chain c has just made. An error is this rank's alone. */
masting_status mst_record_draw(mst_record *r, int c, mst_phase phase, int draw, mst_error *err);

/* Not collective. Moments to the file, after the last draw. */
masting_status mst_record_moments(mst_record *r, mst_error *err);

#endif
