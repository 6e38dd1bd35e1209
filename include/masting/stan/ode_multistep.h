/* masting/stan/ode_multistep.h -- bdf and adams: see ode.h. CVODES of SUNDIALS (Hindmarsh et al.
 * 2005, ACM TOMS 31(3); Serban and Hindmarsh 2005), chain after chain: dense Newton iterations
 * with exact Jacobians, forward sensitivities after each step of the states (staggered), all in
 * the error control. In a solve the lanes are those of one chain: the Jacobian's rows are made
 * MASTING_LANES at a time.
 *
 * Needs -lsundials_cvodes -lsundials_nvecserial -lsundials_sunmatrixdense
 * -lsundials_sunlinsoldense.
 */
#ifndef MASTING_STAN_ODE_MULTISTEP_H
#define MASTING_STAN_ODE_MULTISTEP_H

#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

#include <masting/stan/ode.h>

typedef struct masting_cv {
  const masting_ode *ode; /* as given */
  masting_ode one;        /* of the chain at hand: its parameters in every lane */
  int64_t carried;
  vreal *y, *p, *dydt, *rows;
  SUNContext context;
  void *memory;
  N_Vector state, *sens;
  SUNMatrix matrix;
  SUNLinearSolver solver;
} masting_cv;

MASTING_UNUSED_ static int masting_cv_finite(const double *x, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    if (!(x[i] - x[i] == 0)) return 0;
  return 1;
}

MASTING_UNUSED_ static void masting_cv_spread(const masting_cv *v, N_Vector y) {
  const double *from = N_VGetArrayPointer(y);
  for (int64_t i = 0; i < v->one.n; i++) v->y[i] = v_all(from[i]);
}

MASTING_UNUSED_ static double masting_cv_row(const masting_cv *v, int64_t i, int64_t column) {
  return v_get(v->rows[i / MASTING_LANES * (v->one.n + v->one.np) + column],
               (int)(i % MASTING_LANES));
}

/* Returns 1 (try a shorter step) where f has no value. */
static int masting_cv_slopes(sunrealtype t, N_Vector y, N_Vector dydt, void *argument) {
  masting_cv *v = argument;
  double *to = N_VGetArrayPointer(dydt);
  masting_cv_spread(v, y);
  v->one.slopes(&v->one, v_all(t), v->y, v->p, v->dydt);
  masting_ode_first(v->one.n, v->dydt, to);
  return !masting_cv_finite(to, v->one.n);
}

static int masting_cv_jacobian(sunrealtype t, N_Vector y, N_Vector fy, SUNMatrix matrix,
                               void *argument, N_Vector a, N_Vector b, N_Vector c) {
  masting_cv *v = argument;
  (void)fy, (void)a, (void)b, (void)c;
  masting_cv_spread(v, y);
  v->one.jacobian(&v->one, v_all(t), v->y, v->p, v->dydt, v->rows);
  for (int64_t i = 0; i < v->one.n; i++)
    for (int64_t j = 0; j < v->one.n; j++) SM_ELEMENT_D(matrix, i, j) = masting_cv_row(v, i, j);
  return 0;
}

/* S' = (df/dy) S + df/dp, a column of S in each vector. */
static int masting_cv_sens(int columns, sunrealtype t, N_Vector y, N_Vector dydt, N_Vector *s,
                           N_Vector *ds, void *argument, N_Vector a, N_Vector b) {
  masting_cv *v = argument;
  int64_t n = v->one.n, ny = v->one.ny;
  (void)dydt, (void)a, (void)b;
  masting_cv_spread(v, y);
  v->one.jacobian(&v->one, v_all(t), v->y, v->p, v->dydt, v->rows);
  for (int j = 0; j < columns; j++) {
    const double *from = N_VGetArrayPointer(s[j]);
    double *to = N_VGetArrayPointer(ds[j]);
    for (int64_t i = 0; i < n; i++) {
      double sum = j < ny ? 0 : masting_cv_row(v, i, n + j - ny);
      for (int64_t l = 0; l < n; l++) sum += masting_cv_row(v, i, l) * from[l];
      to[i] = sum;
    }
    if (!masting_cv_finite(to, n)) return 1;
  }
  return 0;
}

MASTING_COLD_ static void masting_cv_silent(int code, const char *module, const char *function,
                                            char *message, void *argument) {
  (void)code, (void)module, (void)function, (void)message, (void)argument;
}

/* Memory of a solver for n states; method: CV_BDF or CV_ADAMS. 0: made. */
MASTING_UNUSED_ static int masting_cv_open(masting_cv *v, int method) {
  int64_t n = v->ode->n;
#if SUNDIALS_VERSION_MAJOR >= 7
  if (SUNContext_Create(SUN_COMM_NULL, &v->context)) return 1;
  SUNContext_ClearErrHandlers(v->context);
#else
  if (SUNContext_Create(NULL, &v->context)) return 1;
#endif
  v->state = N_VNew_Serial(n, v->context);
  if (!v->state) return 1;
  if (v->carried) v->sens = N_VCloneVectorArray((int)v->carried, v->state);
  v->matrix = SUNDenseMatrix(n, n, v->context);
  v->solver = v->matrix ? SUNLinSol_Dense(v->state, v->matrix, v->context) : NULL;
  v->memory = CVodeCreate(method, v->context);
  if (!v->solver || !v->memory || (v->carried && !v->sens)) return 1;
  N_VConst(0.0, v->state);
#if SUNDIALS_VERSION_MAJOR < 7
  CVodeSetErrHandlerFn(v->memory, masting_cv_silent, NULL);
#endif
  return CVodeInit(v->memory, masting_cv_slopes, 0.0, v->state) || CVodeSetUserData(v->memory, v) ||
         CVodeSStolerances(v->memory, v->ode->rel_tol, v->ode->abs_tol) ||
         CVodeSetMaxNumSteps(v->memory, (long)v->ode->max_steps) ||
         CVodeSetLinearSolver(v->memory, v->solver, v->matrix) ||
         CVodeSetJacFn(v->memory, masting_cv_jacobian);
}

MASTING_UNUSED_ static void masting_cv_close(masting_cv *v) {
  if (v->memory) CVodeFree(&v->memory);
  if (v->solver) SUNLinSolFree(v->solver);
  if (v->matrix) SUNMatDestroy(v->matrix);
  if (v->sens) N_VDestroyVectorArray(v->sens, (int)v->carried);
  if (v->state) N_VDestroy(v->state);
  if (v->context) SUNContext_Free(&v->context);
}

/* The chain's own initial values. 0: all is well. */
MASTING_UNUSED_ static int masting_cv_start(masting_cv *v, int lane, int again) {
  double t0 = v_get(*v->ode->t0, lane), *y = N_VGetArrayPointer(v->state);
  for (int64_t i = 0; i < v->one.n; i++) y[i] = v_get(v->ode->y0[i], lane);
  for (int64_t i = 0; i < v->one.np; i++) v->p[i] = v_all(v_get(v->ode->p[i], lane));
  if (!masting_cv_finite(y, v->one.n)) return 1;
  for (int64_t i = 0; i < v->one.np; i++)
    if (isnan(v_get(v->p[i], 0))) return 1;
  if (CVodeReInit(v->memory, t0, v->state)) return 1;
  for (int64_t j = 0; j < v->carried; j++) {
    N_VConst(0.0, v->sens[j]);
    if (j < v->one.ny) N_VGetArrayPointer(v->sens[j])[j] = 1;
  }
  if (!v->carried) return 0;
  if (again) return CVodeSensReInit(v->memory, CV_STAGGERED, v->sens);
  return CVodeSensInit(v->memory, (int)v->carried, CV_STAGGERED, masting_cv_sens, v->sens) ||
         CVodeSensEEtolerances(v->memory) || CVodeSetSensErrCon(v->memory, SUNTRUE);
}

/* 0: the lane's solution is in y and sens. */
MASTING_UNUSED_ static int masting_cv_lane(masting_cv *v, int lane, vreal *y, vreal *sens) {
  int64_t n = v->one.n, columns = masting_ode_columns(v->ode);
  const double *state = N_VGetArrayPointer(v->state);
  for (int64_t k = 0; k < v->ode->nt; k++) {
    double t;
    if (CVode(v->memory, v_get(v->ode->ts[k], lane), v->state, &t, CV_NORMAL) < 0) return 1;
    for (int64_t i = 0; i < n; i++) y[k * n + i] = v_put(y[k * n + i], lane, state[i]);
    if (!v->carried) continue;
    if (CVodeGetSens(v->memory, &t, v->sens)) return 1;
    for (int64_t j = 0; j < v->carried; j++)
      for (int64_t i = 0; i < n; i++) {
        vreal *to = &sens[(k * n + i) * columns + j];
        *to = v_put(*to, lane, N_VGetArrayPointer(v->sens[j])[i]);
      }
  }
  return 0;
}

MASTING_UNUSED_ static void masting_cv_solve(masting_arena *arena, const masting_ode *ode,
                                             int method, vreal *y, vreal *sens) {
  masting_arena_state mark = masting_arena_mark(arena);
  int64_t n = ode->n;
  masting_ode_begin(ode, y, sens);
  if (ode->nt == 0 || n == 0) return;
  masting_cv v = {.ode = ode, .one = *ode, .carried = sens ? masting_ode_carried(ode) : 0};
  v.one.spread = 1;
  v.y = masting_ode_take(arena, n);
  v.p = masting_ode_take(arena, ode->np);
  v.dydt = masting_ode_take(arena, n);
  v.rows = masting_ode_take(arena, masting_ode_passes(&v.one) * (n + ode->np));
  vmask sane = masting_ode_sane(ode);
  int failed = masting_cv_open(&v, method), again = 0;
  for (int c = 0; c < (ode->same ? 1 : MASTING_LANES) && !failed; c++) {
    if (v_get(v_where(sane, v_all(1.0), v_all(0.0)), c) == 0) continue;
    if (masting_cv_start(&v, c, again)) continue;
    again = 1;
    if (masting_cv_lane(&v, c, y, sens)) masting_ode_fail(ode, c, y);
  }
  masting_cv_close(&v);
  masting_ode_times(arena, ode, y, sens);
  masting_arena_release(arena, mark);
}

MASTING_UNUSED_ static void masting_ode_bdf(masting_arena *arena, const masting_ode *ode, vreal *y,
                                            vreal *sens) {
  masting_cv_solve(arena, ode, CV_BDF, y, sens);
}

MASTING_UNUSED_ static void masting_ode_adams(masting_arena *arena, const masting_ode *ode,
                                              vreal *y, vreal *sens) {
  masting_cv_solve(arena, ode, CV_ADAMS, y, sens);
}

#endif
