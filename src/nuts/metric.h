/* nuts/metric.h -- a metric of the global parameters beyond a diagonal, as the pass sees it.
 *
 * The inverse mass is C = L L'. A draw starts with p = L'^-1 z and the velocity v = C p = L z;
 * from there on p and v move together, v by C times what p moves by, so a leapfrog step takes
 * one product of C with a gradient. Two slots, as with diagonal metrics (adapt/warmup.h): a
 * chain takes the newest when it starts a draw.
 *
 * Two forms:
 *   dense     C and L as [P][P], row-major; or neither here: spread over the ranks,
 *   mst_pass.apply has products of them
 *   low rank  C = S (I + U (E - I) U') S: S a diagonal, U [P][rank] with orthonormal columns, E
 *   a diagonal
 *             (Seyboldt, Carlson and Carpenter 2025). L = S (I + U (sqrt(E) - I) U'), not
 *             triangular
 *
 * Owned by run/engine; every rank holds the same bits. Products are formed element by element in
 * one order, so they do not depend on ranks or threads.
 */
#ifndef MST_NUTS_METRIC_H
#define MST_NUTS_METRIC_H

#include <stdint.h>

typedef enum mst_metric_kind {
  MST_KIND_DIAGONAL,
  MST_KIND_DENSE,
  MST_KIND_LOW_RANK
} mst_metric_kind;

typedef struct mst_metric {
  mst_metric_kind kind;
  int64_t n;     /* P */
  double *c, *l; /* dense: [P][P] inverse mass; [P][P] its lower Cholesky factor */
  int rank;      /* low rank; 0: a diagonal */
  double *scale; /* [P] S */
  double *u;     /* [P][rank] */
  double *eigen; /* [rank] E */
} mst_metric;

#endif
