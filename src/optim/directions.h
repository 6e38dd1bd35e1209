/* optim/directions.h -- how stiff a posterior is, and along which parameters: the spectrum of a
 * distributed matrix of the global parameters, on the unconstrained scale.
 *
 * By ScaLAPACK (linalg/dist.h: mst_dist_directions), over all ranks, so that P may be thousands:
 * 3 P^2 doubles over the ranks. Its bits depend on the grid of ranks, to rounding; nothing of it
 * enters a draw.
 */
#ifndef MST_OPTIM_DIRECTIONS_H
#define MST_OPTIM_DIRECTIONS_H

#include <stdio.h>

#include "linalg/dist.h"
#include "model/model.h"

/* Directions that are kept at each end of the spectrum. */
#define MST_DIRECTIONS 3

typedef struct mst_directions {
  int n;          /* P */
  int count;      /* at each end: MST_DIRECTIONS, or fewer where n is small */
  int flat;       /* precisions: eigenvalues that are not positive; their sd is INFINITY */
  double *sd;     /* [n] standard deviations along the eigenvectors, ascending */
  double *vector; /* [2 count][n] unit eigenvectors: of the `count` least sd, then of the largest */
  double condition; /* (largest / least sd)^2 */
  double scaled;    /* the same with every parameter divided by its own (conditional, of a
                     * precision) standard deviation: what a diagonal metric leaves */
} mst_directions;

/* Whether a matrix is a covariance (an inverse mass), or a precision (minus a Hessian). */
typedef enum mst_directions_of { MST_OF_COVARIANCE, MST_OF_PRECISION } mst_directions_of;

/* Collective, errors agreed. The matrix is overwritten. Free with mst_directions_free, also after
 * an error. MASTING_ERR_MEMORY where three such matrices are not there besides. */
masting_status mst_directions_make(mst_directions *directions, mst_dist *matrix,
                                   mst_directions_of sense, mst_error *err);

/* The same of a symmetric matrix by its elements (row i, column j <= i), the same on every rank;
 * distributed for the purpose over a grid of all ranks of comm. */
masting_status mst_directions_of_elements(mst_directions *directions, const mst_comm *comm, int n,
                                          mst_dist_element *element, void *context,
                                          mst_directions_of sense, mst_error *err);
void mst_directions_free(mst_directions *directions);

/* A few lines, each begun with `prefix`: condition numbers, and the outermost directions by
 * parameter names ("+0.71 beta[1] -0.70 beta[2]"). what: "Hessian at the mode". Not collective. */
void mst_directions_print(const mst_directions *directions, const mst_layout *layout,
                          const char *what, const char *prefix, FILE *file);

#endif
