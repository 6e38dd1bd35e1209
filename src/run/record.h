/* run/record.h -- writes a chain's point to the draws file: constrains it, derives quantities,
 * stores the draw or accumulates moments. */
#ifndef MST_RUN_RECORD_H
#define MST_RUN_RECORD_H

#include "par/archive.h"
#include "store/drawfile.h"
#include "target/pass.h"

typedef struct mst_record {
  const mst_target *target;
  uint64_t seed; /* of derived quantities */
  int chains;
  mst_drawfile *file;  /* not owned; NULL: nothing is stored */
  double *theta;       /* [globals], then derived quantities */
  double *staging;     /* [row-local elements of this rank], with transforms */
  double *row_derived; /* [row-derived elements of this rank] */
  /* [chains][row-local, then row-derived elements], with MST_LATENTS_MOMENTS */
  double **mean, **m2;
  int64_t *count;            /* [chains] draws in the moments */
  masting_trouble rejection; /* of the latest draw */
  int64_t rejected;          /* draws whose quantities the program rejected, as rank 0 knows it */
  char why[500];             /* the message of the first of them */
} mst_record;

/* Not collective; the caller agrees on errors. */
masting_status mst_record_begin(mst_record *r, const mst_target *target, uint64_t seed, int chains,
                                mst_drawfile *file, mst_error *err);
void mst_record_end(mst_record *r);

/* A point on the unconstrained scale: globals [P] and this rank's row-local elements [rows * L]. */
typedef struct mst_record_point {
  int chain, draw;
  mst_phase phase;
  const double *globals, *locals;
  mst_draw_stats stats;
} mst_record_point;

/* Not collective. The constrained globals of a draw, then its derived quantities, in storage order;
 * the record owns the memory. */
const double *mst_record_theta(mst_record *r, const mst_record_point *point);

/* Derives and stores a draw; if the program rejects its quantities they are NaN. An error is this
 * rank's alone. Every rank calls it for every draw, after an error too (nothing is stored then): it
 * is collective where a model's rows may reject. */
masting_status mst_record_draw(mst_record *r, const mst_record_point *point, mst_error *err);

/* The moments and what was rejected so far, to and from a checkpoint. Collective as the archive
 * is. */
void mst_record_archive(mst_archive *archive, mst_record *r);

/* Not collective. Moments to the file, after the last draw. */
masting_status mst_record_moments(mst_record *r, mst_error *err);

/* Not collective; rank 0 warns of draws that were rejected: the first message and how many. */
void mst_record_tell(const mst_record *r);

#endif
