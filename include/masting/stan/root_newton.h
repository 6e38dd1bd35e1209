/* masting/stan/root_newton.h -- roots by Newton's method with a line search: see root.h. KINSOL of
 * SUNDIALS (Hindmarsh et al. 2005, ACM TOMS 31(3)) with exact Jacobians, each kept for up to ten
 * steps, as in Stan.
 *
 * Needs -lsundials_kinsol -lsundials_nvecserial -lsundials_sunmatrixdense
 * -lsundials_sunlinsoldense.
 */
#ifndef MASTING_STAN_ROOT_NEWTON_H
#define MASTING_STAN_ROOT_NEWTON_H

#include <kinsol/kinsol.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

#include <masting/stan/root.h>

typedef struct masting_kin {
  masting_root *root;
  int failed; /* to be made */
  SUNContext context;
  void *memory;
  N_Vector x, scale;
  SUNMatrix matrix;
  SUNLinearSolver solver;
} masting_kin;

/* Returns 1 (try a shorter step) where f has no value. */
static int masting_kin_value(N_Vector x, N_Vector value, void *argument) {
  masting_kin *k = argument;
  return isnan(masting_root_at(k->root, N_VGetArrayPointer(x), N_VGetArrayPointer(value)));
}

static int masting_kin_jacobian(N_Vector x, N_Vector value, SUNMatrix matrix, void *argument,
                                N_Vector a, N_Vector b) {
  masting_kin *k = argument;
  (void)value, (void)a, (void)b;
  masting_root_slopes(k->root, N_VGetArrayPointer(x));
  for (int64_t i = 0; i < k->root->n; i++)
    for (int64_t j = 0; j < k->root->n; j++)
      SM_ELEMENT_D(matrix, i, j) = masting_root_slope(k->root, i, j);
  return 0;
}

MASTING_COLD_ static void masting_kin_silent(int code, const char *module, const char *function,
                                             char *message, void *argument) {
  (void)code, (void)module, (void)function, (void)message, (void)argument;
}

/* Memory of a solver for n unknowns. 0: made. */
MASTING_UNUSED_ static int masting_kin_open(masting_kin *k) {
  int64_t n = k->root->n;
#if SUNDIALS_VERSION_MAJOR >= 7
  if (SUNContext_Create(SUN_COMM_NULL, &k->context)) return 1;
  SUNContext_ClearErrHandlers(k->context);
#else
  if (SUNContext_Create(NULL, &k->context)) return 1;
#endif
  k->x = N_VNew_Serial(n, k->context);
  k->scale = N_VNew_Serial(n, k->context);
  if (!k->x || !k->scale) return 1;
  N_VConst(1.0, k->scale);
  k->matrix = SUNDenseMatrix(n, n, k->context);
  k->solver = k->matrix ? SUNLinSol_Dense(k->x, k->matrix, k->context) : NULL;
  k->memory = KINCreate(k->context);
  if (!k->solver || !k->memory) return 1;
#if SUNDIALS_VERSION_MAJOR < 7
  KINSetErrHandlerFn(k->memory, masting_kin_silent, NULL);
#endif
  const masting_ode *ode = k->root->ode;
  return KINInit(k->memory, masting_kin_value, k->x) || KINSetUserData(k->memory, k) ||
         KINSetNumMaxIters(k->memory, (long)ode->max_steps) ||
         KINSetFuncNormTol(k->memory, ode->abs_tol) ||
         KINSetScaledStepTol(k->memory, ode->rel_tol) || KINSetMaxSetupCalls(k->memory, 10) ||
         KINSetLinearSolver(k->memory, k->solver, k->matrix) ||
         KINSetJacFn(k->memory, masting_kin_jacobian);
}

MASTING_UNUSED_ static void masting_kin_close(masting_kin *k) {
  if (k->memory) KINFree(&k->memory);
  if (k->solver) SUNLinSolFree(k->solver);
  if (k->matrix) SUNMatDestroy(k->matrix);
  if (k->scale) N_VDestroy(k->scale);
  if (k->x) N_VDestroy(k->x);
  if (k->context) SUNContext_Free(&k->context);
}

/* Steps are at most 1,000 times as long as the guess; from 0 as long as there are unknowns. */
static int masting_kin_find(masting_root *r, void *method) {
  masting_kin *k = method;
  if (k->failed) return 1;
  double *x = N_VGetArrayPointer(k->x), size = 0;
  for (int64_t i = 0; i < r->n; i++) {
    x[i] = r->x[i];
    size += x[i] * x[i];
  }
  if (KINSetMaxNewtonStep(k->memory, size == 0 ? (double)r->n : 0.0)) return 1;
  if (KINSol(k->memory, k->x, KIN_LINESEARCH, k->scale, k->scale) < 0) return 1;
  for (int64_t i = 0; i < r->n; i++) r->x[i] = x[i];
  return 0;
}

MASTING_UNUSED_ static void masting_ode_newton(masting_arena *arena, const masting_ode *ode,
                                               vreal *y, vreal *sens) {
  masting_arena_state mark = masting_arena_mark(arena);
  masting_root r = masting_root_begin(arena, ode);
  masting_kin k = {.root = &r};
  k.failed = r.n > 0 && masting_kin_open(&k);
  masting_root_lanes(&r, &k, masting_kin_find, y, sens);
  masting_kin_close(&k);
  masting_arena_release(arena, mark);
}

#endif
