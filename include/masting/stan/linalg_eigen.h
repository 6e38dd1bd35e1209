/* masting/stan/linalg_eigen.h -- part of linalg.h: eigenvalues and eigenvectors of symmetric
 * matrices. Included once for each type; see there.
 *
 * Cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, section 8.5): no branches that
 * could not be lanes, and small eigenvalues of positive definite matrices keep their digits. A lane
 * that is done stands still while others turn, so it has the bits it would have alone. */

#define LA_SWEEPS 40 /* ten are many */

/* Turns rows p and q by (c, s) in the lanes of `turn`; `step` from one of `count` to the next. */
LA_INLINE void LA_F(la_rotate)(int count, int step, LA_MASK turn, LA_T c, LA_T s, LA_T *p,
                               LA_T *q) {
  for (int r = 0; r < count; r++) {
    LA_T x = p[r * step], y = q[r * step];
    p[r * step] = LA_F(la_where)(turn, c * x - s * y, x);
    q[r * step] = LA_F(la_where)(turn, s * x + c * y, y);
  }
}

/* The rotation that makes a[p][q] zero unless it is negligible; returns whether a lane turned. */
LA_INLINE int LA_F(la_jacobi)(int n, int p, int q, LA_T least, LA_T *a, LA_T *vt) {
  LA_T app = a[p * n + p], aqq = a[q * n + q], apq = a[p * n + q], one = LA_F(la_all)(1.0);
  LA_T size = LA_F(la_abs)(apq);
  LA_T both = LA_F(la_sqrt)(LA_F(la_abs)(app)) * LA_F(la_sqrt)(LA_F(la_abs)(aqq));
  LA_MASK turn = LA_F(la_lt)(0x1p-53 * both, size) & LA_F(la_lt)(least, size);
  if (!LA_F(la_any)(turn)) return 0;
  LA_T theta = 0.5 * (aqq - app) / LA_F(la_where)(turn, apq, one);
  LA_T t = one / (LA_F(la_abs)(theta) + LA_F(la_sqrt)(theta * theta + one));
  t = LA_F(la_where)(LA_F(la_lt)(theta, LA_F(la_all)(0.0)), -t, t);
  LA_T c = one / LA_F(la_sqrt)(t * t + one), s = t * c;
  LA_F(la_rotate)(n, 1, turn, c, s, a + p * n, a + q * n);
  LA_F(la_rotate)(n, n, turn, c, s, a + p, a + q);
  if (vt) LA_F(la_rotate)(n, 1, turn, c, s, vt + p * n, vt + q * n);
  a[p * n + p] = LA_F(la_where)(turn, app - t * apq, app);
  a[q * n + q] = LA_F(la_where)(turn, aqq + t * apq, aqq);
  a[p * n + q] = LA_F(la_where)(turn, LA_F(la_all)(0.0), apq);
  a[q * n + p] = a[p * n + q];
  return 1;
}

/* Rows of vt and their values, by ascending value in each lane. */
LA_INLINE void LA_F(la_ascend)(int n, LA_T *values, LA_T *vt) {
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) {
      LA_T low = values[i], high = values[j];
      LA_MASK turned = LA_F(la_lt)(high, low);
      if (!LA_F(la_any)(turned)) continue;
      values[i] = LA_F(la_where)(turned, high, low);
      values[j] = LA_F(la_where)(turned, low, high);
      for (int r = 0; vt && r < n; r++) {
        LA_T x = vt[i * n + r], y = vt[j * n + r];
        vt[i * n + r] = LA_F(la_where)(turned, y, x);
        vt[j * n + r] = LA_F(la_where)(turned, x, y);
      }
    }
}

/* The sign of a vector: its largest element, the last of those that are so to rounding, becomes
 * positive. Returns -1 or 1. Any rule jumps somewhere; this one does not between nearly diagonal
 * matrices, nor at 2 x 2 matrices of equal variances. */
LA_INLINE LA_T LA_F(la_sign_of)(int n, const LA_T *v) {
  LA_T most = LA_F(la_all)(0.0), last = most, one = LA_F(la_all)(1.0);
  for (int r = 0; r < n; r++) {
    LA_T size = LA_F(la_abs)(v[r]);
    LA_MASK larger = LA_F(la_lt)(most, size);
    last = LA_F(la_where)(LA_F(la_lt)((1 - 0x1p-26) * most, size), v[r], last);
    most = LA_F(la_where)(larger, size, most);
  }
  return LA_F(la_where)(LA_F(la_lt)(last, LA_F(la_all)(0.0)), -one, one);
}

/* values[n] of A, ascending; vectors[n][n], one a column, unless NULL. */
LA_ROUTINE LA_F(la_eigen)(masting_arena *arena, int n, const LA_T *A, LA_T *values, LA_T *vectors) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_T *a = LA_F(la_take)(arena, n * n), *vt = vectors ? LA_F(la_take)(arena, n * n) : NULL;
  LA_T bad = LA_F(la_all)(0.0), most = LA_F(la_all)(0.0);
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++) {
      LA_T x = A[i * n + j], size = LA_F(la_abs)(x);
      a[i * n + j] = a[j * n + i] = x;
      bad += x - x;
      most = LA_F(la_where)(LA_F(la_lt)(most, size), size, most);
    }
  if (vt) LA_F(la_unit)(n, vt);
  for (int sweep = 0, turned = 1; turned && sweep < LA_SWEEPS; sweep++) {
    turned = 0;
    for (int p = 0; p < n; p++)
      for (int q = p + 1; q < n; q++) turned |= LA_F(la_jacobi)(n, p, q, 0x1p-70 * most, a, vt);
  }
  for (int i = 0; i < n; i++) values[i] = a[i * n + i];
  LA_F(la_ascend)(n, values, vt);
  LA_F(la_poison)(n, bad, values);
  for (int i = 0; vt && i < n; i++) {
    LA_T sign = LA_F(la_sign_of)(n, vt + i * n) + bad;
    for (int r = 0; r < n; r++) vectors[r * n + i] = sign * vt[i * n + r];
  }
  masting_arena_release(arena, mark);
}

/* values[n] ascending and vectors[n][n], one a column, of unit length, its largest element (the
 * last of several) positive: A = V diag(values) V' */
LA_ROUTINE LA_F(eigendecompose_sym)(masting_arena *arena, int n, const LA_T *A, LA_T *values,
                                    LA_T *vectors) {
  LA_F(la_eigen)(arena, n, A, values, vectors);
}

/* values[n], ascending */
LA_ROUTINE LA_F(eigenvalues_sym)(masting_arena *arena, int n, const LA_T *A, LA_T *values) {
  LA_F(la_eigen)(arena, n, A, values, NULL);
}

/* vectors[n][n], one a column, in the order of ascending eigenvalues */
LA_ROUTINE LA_F(eigenvectors_sym)(masting_arena *arena, int n, const LA_T *A, LA_T *vectors) {
  masting_arena_state mark = masting_arena_mark(arena);
  LA_F(la_eigen)(arena, n, A, LA_F(la_take)(arena, n), vectors);
  masting_arena_release(arena, mark);
}

#undef LA_SWEEPS
