/* masting/stan/linalg_svd.h -- part of linalg.h: singular values and vectors, generalized inverses.
 *
 * One-sided Jacobi rotations for doubles (Golub and Van Loan, Matrix Computations, section 8.6);
 * lanes are computed one after the other. Included once. */

#define LA_SWEEPS 60
/* The largest element of a matrix is scaled to 1; a column shorter than this is 0, and its square
 * is still far from where doubles lose digits. Rounding leaves such columns where the rank is not
 * full. */
#define LA_NOTHING 0x1p-300

/* Makes rows p and q of w[.][n] orthogonal; vt[.][m] turns along. Returns whether they were not. */
LA_INLINE int d_la_orthogonal(int n, int m, double *wp, double *wq, double *vp, double *vq) {
  double pp = 0, qq = 0, pq = 0;
  for (int i = 0; i < n; i++) {
    pp += wp[i] * wp[i];
    qq += wq[i] * wq[i];
    pq += wp[i] * wq[i];
  }
  if (pp < LA_NOTHING * LA_NOTHING || qq < LA_NOTHING * LA_NOTHING) return 0;
  if (!(fabs(pq) > 0x1p-51 * (sqrt(pp) * sqrt(qq)))) return 0;
  double theta = 0.5 * (qq - pp) / pq;
  double t = (theta < 0 ? -1.0 : 1.0) / (fabs(theta) + sqrt(theta * theta + 1));
  double c = 1 / sqrt(t * t + 1), s = t * c;
  d_la_rotate(n, 1, -1, c, s, wp, wq);
  d_la_rotate(m, 1, -1, c, s, vp, vq);
  return 1;
}

/* Row j of w[.][n] becomes a unit vector orthogonal to rows 0 .. j - 1, which are such. */
LA_INLINE void d_la_complete(int n, int j, double *w) {
  double *x = w + j * n;
  for (int e = 0; e < n; e++) {
    d_la_zero(n, x);
    x[e] = 1;
    double norm = 0;
    for (int pass = 0; pass < 2; pass++)
      for (int p = 0; p < j; p++) {
        double dot = 0;
        for (int i = 0; i < n; i++) dot += x[i] * w[p * n + i];
        for (int i = 0; i < n; i++) x[i] -= dot * w[p * n + i];
      }
    for (int i = 0; i < n; i++) norm += x[i] * x[i];
    if (norm * n < 0.5) continue; /* some unit vector has at least 1/n of its square left */
    for (int i = 0; i < n; i++) x[i] /= sqrt(norm);
    return;
  }
}

/* For n >= m: rows of ut[m][n], s[m] descending, rows of vt[m][m] of A = sum of s[j] ut[j]' vt[j].
 * On entry ut is A'. Zero singular values are completed to unit vectors. */
LA_ROUTINE d_la_svd_tall(int n, int m, double *ut, double *s, double *vt) {
  double most = 0;
  for (int e = 0; e < n * m; e++) most = fabs(ut[e]) > most ? fabs(ut[e]) : most;
  for (int e = 0; most > 0 && e < n * m; e++) ut[e] /= most;
  d_la_unit(m, vt);
  for (int sweep = 0, turned = 1; turned && sweep < LA_SWEEPS; sweep++) {
    turned = 0;
    for (int p = 0; p < m; p++)
      for (int q = p + 1; q < m; q++)
        turned |= d_la_orthogonal(n, m, ut + p * n, ut + q * n, vt + p * m, vt + q * m);
  }
  for (int j = 0; j < m; j++) {
    d_norm2(NULL, n, ut + j * n, s + j);
    if (s[j] < LA_NOTHING) s[j] = 0;
  }
  for (int i = 0; i < m; i++)
    for (int j = i + 1; j < m; j++)
      if (s[j] > s[i]) {
        double swap = s[i];
        s[i] = s[j];
        s[j] = swap;
        d_la_rotate(n, 1, -1, 0, 1, ut + i * n, ut + j * n);
        d_la_rotate(m, 1, -1, 0, 1, vt + i * m, vt + j * m);
      }
  for (int j = 0; j < m; j++) {
    double sign = d_la_sign_of(m, vt + j * m);
    for (int i = 0; i < m; i++) vt[j * m + i] *= sign;
    for (int i = 0; s[j] > 0 && i < n; i++) ut[j * n + i] *= sign / s[j];
    if (!(s[j] > 0)) d_la_complete(n, j, ut);
    s[j] *= most;
  }
}

/* U[n][q], s[q] descending, V[m][q], q = min(n, m): A[n][m] = U diag(s) V'. The largest element of
 * V's columns (of U's when n < m) is positive. Any output may be NULL. */
LA_ROUTINE d_svd(masting_arena *arena, int n, int m, const double *A, double *U, double *s,
                 double *V) {
  masting_arena_state mark = masting_arena_mark(arena);
  int tall = n >= m, q = tall ? m : n, high = tall ? n : m;
  double *ut = d_la_take(arena, q * high), *vt = d_la_take(arena, q * q), bad = 0;
  double *values = s ? s : d_la_take(arena, q), *left = tall ? U : V, *right = tall ? V : U;
  for (int e = 0; e < n * m; e++) bad += A[e] - A[e];
  if (tall)
    d_la_transpose(n, m, A, ut);
  else
    d_la_copy(n * m, A, ut);
  if (bad == 0) /* NaN otherwise */
    d_la_svd_tall(high, q, ut, values, vt);
  d_la_poison(q, bad == 0 ? 0 : LA_NAN, values);
  if (left) d_la_transpose(q, high, ut, left);
  if (right) d_la_transpose(q, q, vt, right);
  if (bad != 0) {
    for (int e = 0; left && e < q * high; e++) left[e] = LA_NAN;
    for (int e = 0; right && e < q * q; e++) right[e] = LA_NAN;
  }
  masting_arena_release(arena, mark);
}

LA_ROUTINE d_singular_values(masting_arena *arena, int n, int m, const double *A, double *s) {
  d_svd(arena, n, m, A, NULL, s, NULL);
}

LA_ROUTINE d_svd_U(masting_arena *arena, int n, int m, const double *A, double *U) {
  d_svd(arena, n, m, A, U, NULL, NULL);
}

LA_ROUTINE d_svd_V(masting_arena *arena, int n, int m, const double *A, double *V) {
  d_svd(arena, n, m, A, NULL, NULL, V);
}

/* X[m][n], Moore and Penrose's inverse of A[n][m]; singular values below eps max(n, m) s[0] count
 * as 0. */
LA_ROUTINE d_generalized_inverse(masting_arena *arena, int n, int m, const double *A, double *X) {
  masting_arena_state mark = masting_arena_mark(arena);
  int q = n < m ? n : m;
  double *U = d_la_take(arena, n * q), *s = d_la_take(arena, q), *V = d_la_take(arena, m * q);
  d_svd(arena, n, m, A, U, s, V);
  for (int j = 0; j < q; j++) {
    int none = s[j] <= 0x1p-52 * (n > m ? n : m) * s[0];
    for (int i = 0; i < m; i++) V[i * q + j] = none ? 0 : V[i * q + j] / s[j];
  }
  d_la_zero(m * n, X);
  d_la_add_product(m, q, n, 1, d_la_rows(V, q), d_la_turned(U, q), X);
  masting_arena_release(arena, mark);
}

/* One lane of an array, out and in. NULL stays NULL. */
LA_INLINE double *v_la_lane_out(masting_arena *arena, int count, int lane, const vreal *x) {
  if (!x) return NULL;
  double *one = d_la_take(arena, count);
  for (int e = 0; e < count; e++) one[e] = v_get(x[e], lane);
  return one;
}

LA_INLINE void v_la_lane_in(int count, int lane, const double *one, vreal *x) {
  for (int e = 0; x && e < count; e++) x[e] = v_put(x[e], lane, one[e]);
}

LA_ROUTINE v_svd(masting_arena *arena, int n, int m, const vreal *A, vreal *U, vreal *s, vreal *V) {
  int q = n < m ? n : m;
  for (int lane = 0; lane < MASTING_LANES; lane++) {
    masting_arena_state mark = masting_arena_mark(arena);
    double *u1 = U ? d_la_take(arena, n * q) : NULL, *v1 = V ? d_la_take(arena, m * q) : NULL;
    double *s1 = s ? d_la_take(arena, q) : NULL;
    d_svd(arena, n, m, v_la_lane_out(arena, n * m, lane, A), u1, s1, v1);
    v_la_lane_in(n * q, lane, u1, U);
    v_la_lane_in(q, lane, s1, s);
    v_la_lane_in(m * q, lane, v1, V);
    masting_arena_release(arena, mark);
  }
}

LA_ROUTINE v_singular_values(masting_arena *arena, int n, int m, const vreal *A, vreal *s) {
  v_svd(arena, n, m, A, NULL, s, NULL);
}

LA_ROUTINE v_svd_U(masting_arena *arena, int n, int m, const vreal *A, vreal *U) {
  v_svd(arena, n, m, A, U, NULL, NULL);
}

LA_ROUTINE v_svd_V(masting_arena *arena, int n, int m, const vreal *A, vreal *V) {
  v_svd(arena, n, m, A, NULL, NULL, V);
}

LA_ROUTINE v_generalized_inverse(masting_arena *arena, int n, int m, const vreal *A, vreal *X) {
  for (int lane = 0; lane < MASTING_LANES; lane++) {
    masting_arena_state mark = masting_arena_mark(arena);
    double *one = d_la_take(arena, m * n);
    d_generalized_inverse(arena, n, m, v_la_lane_out(arena, n * m, lane, A), one);
    v_la_lane_in(m * n, lane, one, X);
    masting_arena_release(arena, mark);
  }
}

#undef LA_SWEEPS
#undef LA_NOTHING
