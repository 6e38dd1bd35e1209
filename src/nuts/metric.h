/* nuts/metric.h -- a non-diagonal metric (dense or low-rank) of the global parameters, as the pass
 * uses it.
 *
 * The inverse mass is C = L L'. A draw starts with the momentum p = L'^-1 z and the velocity
 * v = C p = L z; from then on p and v are updated together, v by C times the change of p, so a
 * leapfrog step needs one product of C with a gradient. There are two slots, as for diagonal
 * metrics (adapt/warmup.h): a chain switches to the newest slot when it starts a draw.
 *
 * Two kinds:
 *   dense     C and L as [P][P], row-major; or both NULL: they are distributed over the ranks, and
 *             mst_pass.apply computes products with them
 *   low rank  C = S (I + U (E - I) U') S: S diagonal, U [P][rank] with orthonormal columns, E
 *             diagonal (Seyboldt, Carlson and Carpenter 2025).
 *             L = S (I + U (sqrt(E) - I) U'), not triangular
 *
 * run/engine owns the memory; every rank holds the same bits. Each element of a product is summed
 * in one fixed order, so its bits depend on neither ranks nor threads.
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
