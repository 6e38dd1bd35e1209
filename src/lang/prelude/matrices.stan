// Functions of vectors, matrices and arrays with a formula of their own. After the Stan functions reference.

real trace(matrix A) {
  return sum(diagonal(A));
}
real trace_dot(matrix A, matrix B) {
  return sum(A .* B');
}
real distance(vector x, vector y) {
  return norm2(x - y);
}
real squared_distance(vector x, vector y) {
  return dot_self(x - y);
}
real squared_distance(real x, real y) {
  return square(x - y);
}
real norm1(vector x) {
  return sum(abs(x));
}
// Hyndman and Fan 1996, definition 7
real quantile(vector x, real p) {
  int n = num_elements(x);
  vector[n] s = sort_asc(x);
  real h = (n - 1) * p;
  int k = min(to_int(floor(h)), n - 2);
  return n == 1 ? s[1] : s[k + 1] + (h - k) * (s[k + 2] - s[k + 1]);
}
array[] real quantile(vector x, array[] real p) {
  int n = num_elements(x);
  vector[n] s = sort_asc(x);
  array[size(p)] real q;
  for (i in 1 : size(p)) {
    real h = (n - 1) * p[i];
    int k = min(to_int(floor(h)), n - 2);
    q[i] = n == 1 ? s[1] : s[k + 1] + (h - k) * (s[k + 2] - s[k + 1]);
  }
  return q;
}
int rank(vector x, int s) {
  int r = 0;
  real x_s = x[s];
  for (i in 1 : num_elements(x)) {
    r += x[i] < x_s;
  }
  return r;
}
int rank(array[] int x, int s) {
  int r = 0;
  int x_s = x[s];
  for (i in 1 : size(x)) {
    r += x[i] < x_s;
  }
  return r;
}
vector uniform_simplex(int K) {
  return rep_vector(1.0 / K, K);
}
matrix symmetrize_from_lower_tri(matrix A) {
  int n = rows(A);
  matrix[n, n] S;
  for (i in 1 : n) {
    for (j in 1 : i) {
      S[i, j] = A[i, j];
      if (j < i) {
        S[j, i] = A[i, j];
      }
    }
  }
  return S;
}

// ---- products

real quad_form(matrix A, vector b) {
  return dot_product(b, A * b);
}
real quad_form_sym(matrix A, vector b) {
  return dot_product(b, A * b);
}
matrix quad_form_diag(matrix A, vector v) {
  return diag_post_multiply(diag_pre_multiply(v, A), v);
}
real trace_quad_form(matrix A, vector b) {
  return dot_product(b, A * b);
}
real trace_quad_form(matrix A, matrix B) {
  matrix[rows(A), cols(B)] AB = A * B;
  return sum(B .* AB);
}
// trace(D B' A B)
real trace_gen_quad_form(matrix D, matrix A, matrix B) {
  matrix[rows(A), cols(B)] AB = A * B;
  matrix[rows(B), rows(D)] BD = B * D';
  return sum(BD .* AB);
}
row_vector columns_dot_product(matrix A, matrix B) {
  row_vector[cols(A)] r;
  for (j in 1 : cols(A)) {
    r[j] = dot_product(A[ : , j], B[ : , j]);
  }
  return r;
}
row_vector columns_dot_product(vector a, vector b) {
  return [dot_product(a, b)];
}
row_vector columns_dot_product(row_vector a, row_vector b) {
  return a .* b;
}
vector rows_dot_product(matrix A, matrix B) {
  vector[rows(A)] r;
  for (i in 1 : rows(A)) {
    r[i] = dot_product(A[i], B[i]);
  }
  return r;
}
vector rows_dot_product(vector a, vector b) {
  return a .* b;
}
vector rows_dot_product(row_vector a, row_vector b) {
  return [dot_product(a, b)]';
}
row_vector columns_dot_self(matrix A) {
  return columns_dot_product(A, A);
}
row_vector columns_dot_self(vector a) {
  return [dot_self(a)];
}
row_vector columns_dot_self(row_vector a) {
  return square(a);
}
vector rows_dot_self(matrix A) {
  return rows_dot_product(A, A);
}
vector rows_dot_self(vector a) {
  return square(a);
}
vector rows_dot_self(row_vector a) {
  return [dot_self(a)]';
}
matrix matrix_exp_multiply(matrix A, matrix B) {
  return matrix_exp(A) * B;
}
matrix scale_matrix_exp_multiply(real t, matrix A, matrix B) {
  return matrix_exp(t * A) * B;
}
matrix chol2inv(matrix L) {
  int n = rows(L);
  return crossprod(mdivide_left_tri_low(L, identity_matrix(n)));
}

// ---- sparse matrices: values w, columns v, starts of rows u, all from 1

vector csr_matrix_times_vector(int m, int n, vector w, array[] int v, array[] int u, vector b) {
  vector[m] y;
  for (i in 1 : m) {
    real s = 0;
    for (k in u[i] : u[i + 1] - 1) {
      s += w[k] * b[v[k]];
    }
    y[i] = s;
  }
  return y;
}
matrix csr_to_dense_matrix(int m, int n, vector w, array[] int v, array[] int u) {
  matrix[m, n] A = rep_matrix(0, m, n);
  for (i in 1 : m) {
    for (k in u[i] : u[i + 1] - 1) {
      A[i, v[k]] = w[k];
    }
  }
  return A;
}
int csr_count__(matrix A) {
  int n = 0;
  for (i in 1 : rows(A)) {
    for (j in 1 : cols(A)) {
      n += A[i, j] != 0;
    }
  }
  return n;
}
vector csr_extract_w(matrix A) {
  vector[csr_count__(A)] w;
  int n = 0;
  for (i in 1 : rows(A)) {
    for (j in 1 : cols(A)) {
      if (A[i, j] != 0) {
        n += 1;
        w[n] = A[i, j];
      }
    }
  }
  return w;
}
array[] int csr_extract_v(matrix A) {
  array[csr_count__(A)] int v;
  int n = 0;
  for (i in 1 : rows(A)) {
    for (j in 1 : cols(A)) {
      if (A[i, j] != 0) {
        n += 1;
        v[n] = j;
      }
    }
  }
  return v;
}
array[] int csr_extract_u(matrix A) {
  array[rows(A) + 1] int u;
  int n = 0;
  for (i in 1 : rows(A)) {
    u[i] = n + 1;
    for (j in 1 : cols(A)) {
      n += A[i, j] != 0;
    }
  }
  u[rows(A) + 1] = n + 1;
  return u;
}
tuple(vector, array[] int, array[] int) csr_extract(matrix A) {
  return (csr_extract_w(A), csr_extract_v(A), csr_extract_u(A));
}

// ---- pairs and triples of a decomposition

tuple(matrix, vector) eigendecompose_sym(matrix A) {
  return (eigenvectors_sym(A), eigenvalues_sym(A));
}
tuple(matrix, matrix) qr(matrix A) {
  return (qr_Q(A), qr_R(A));
}
tuple(matrix, matrix) qr_thin(matrix A) {
  return (qr_thin_Q(A), qr_thin_R(A));
}
tuple(matrix, vector, matrix) svd(matrix A) {
  return (svd_U(A), singular_values(A), svd_V(A));
}
