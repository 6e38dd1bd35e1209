/* lang/covariance/covariance.h -- normals over many rows at once: their covariance is taken out
 * of the density block.
 *
 * `y ~ multi_normal(mu, K)` with a K of all rows needs N x N lanes on every rank, and one rank's
 * time. Where every element of K is computed from parameters and data alone (a Gaussian
 * process), K need not be there: the engine asks for its elements, tile by tile, one chain's
 * after the other's, and spreads them over the ranks (masting_normal of the ABI).
 *
 * The lowering marks such densities by routines that are none of masting/stan/linalg.h,
 * multi_normal and multi_normal_cholesky. mst_covariance_extract turns each into an ir_normal: the
 * statements that write K, and its factor, go; what an element is computed from becomes two
 * functions of a tile, of elements and of slopes (covariance_element.c).
 */
#ifndef MST_LANG_COVARIANCE_H
#define MST_LANG_COVARIANCE_H

#include "lang/ir/ir.h"

/* Takes all marked densities out of p->density, to p->normal. False: not all can be; *report
 * then says where and why, and p is of no use. */
bool mst_covariance_extract(lang_context *c, ir_program *p, const char **report);

/* Lanes become doubles in the blocks of all normals and their gradients: they work on one chain.
 * After differentiation. */
void mst_covariance_one_chain(ir_program *p);

#endif
