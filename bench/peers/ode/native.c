/* The problems of ode.py in C, and a loop that times a compiled dopri5 on them.
 *
 *     cc -O3 -march=native -shared -fPIC native.c -o native.so -lm
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void rhs(const int *n, const double *t, const double *y, double *f, double *rpar, int *ipar);
typedef void dopri5(const int *n, rhs *f, double *t, double *y, const double *end, const double *rtol,
                    const double *atol, const int *itol, void *solout, const int *iout, double *work,
                    const int *lwork, int *iwork, const int *liwork, double *rpar, int *ipar, int *idid);

static void lorenz(const int *n, const double *t, const double *y, double *f, double *r, int *i)
{
    f[0] = 10 * (y[1] - y[0]);
    f[1] = y[0] * (28 - y[2]) - y[1];
    f[2] = y[0] * y[1] - 8. / 3 * y[2];
}

static void vdp(const int *n, const double *t, const double *y, double *f, double *r, int *i)
{
    f[0] = y[1];
    f[1] = 5 * (1 - y[0] * y[0]) * y[1] - y[0];
}

static void arenstorf(const int *n, const double *t, const double *y, double *f, double *r, int *i)
{
    const double mu = 0.012277471, nu = 1 - mu;
    double a = y[0] + mu, b = y[0] - nu, s = y[1] * y[1];
    double d1 = (a * a + s) * sqrt(a * a + s), d2 = (b * b + s) * sqrt(b * b + s);
    f[0] = y[2];
    f[1] = y[3];
    f[2] = y[0] + 2 * y[3] - nu * a / d1 - mu * b / d2;
    f[3] = y[1] - 2 * y[2] - nu * y[1] / d1 - mu * y[1] / d2;
}

static void pleiades(const int *n, const double *t, const double *y, double *f, double *r, int *ip)
{
    memcpy(f, y + 14, 14 * sizeof *f);
    for (int i = 0; i < 7; i++) {
        double ax = 0, ay = 0;
        for (int j = 0; j < 7; j++) {
            double dx = y[j] - y[i], dy = y[7 + j] - y[7 + i], s = dx * dx + dy * dy;
            if (j != i) {
                double m = (j + 1) / (s * sqrt(s));
                ax += m * dx;
                ay += m * dy;
            }
        }
        f[14 + i] = ax;
        f[21 + i] = ay;
    }
}

static void brusselator(const int *n, const double *t, const double *y, double *f, double *r, int *ip)
{
    enum { N = 200 };
    const double c = 0.02 * (N + 1) * (N + 1), *u = y, *v = y + N;
    for (int i = 0; i < N; i++) {
        double ul = i ? u[i - 1] : 1, ur = i < N - 1 ? u[i + 1] : 1;
        double vl = i ? v[i - 1] : 3, vr = i < N - 1 ? v[i + 1] : 3;
        double w = u[i] * u[i] * v[i];
        f[i] = 1 + w - 4 * u[i] + c * (ul - 2 * u[i] + ur);
        f[N + i] = 3 * u[i] - w + c * (vl - 2 * v[i] + vr);
    }
}

static void spiral(const int *n, const double *t, const double *y, double *f, double *r, int *i)
{
    double a = y[0] * y[0] * y[0], b = y[1] * y[1] * y[1];
    f[0] = -0.1 * a + 2 * b;
    f[1] = -2 * a - 0.1 * b;
}

static rhs *problems[] = {lorenz, vdp, pleiades, arenstorf, brusselator, spiral};

static void none(void) {}

/* solve integrates a problem repeats times from y0 and returns the processor
 * seconds of one solution; y gets the end, calls the evaluations of one and idid
 * what dopri5 says. */
double solve(dopri5 *f, int problem, int n, const double *y0, double end, double tol, int repeats, double *y,
             int *calls, int *idid)
{
    int lwork = 8 * n + 21, liwork = 21, itol = 0, iout = 0, iwork[21], ipar = 0;
    double *work = calloc(lwork, sizeof *work), rpar = 0;
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (int k = 0; k < repeats; k++) {
        double t = 0;
        memset(work, 0, lwork * sizeof *work);
        memset(iwork, 0, sizeof iwork);
        iwork[0] = 1000000; /* steps at most */
        iwork[3] = -1;      /* no test for stiffness, which would stop on the Brusselator */
        memcpy(y, y0, n * sizeof *y);
        f(&n, problems[problem], &t, y, &end, &tol, &tol, &itol, none, &iout, work, &lwork, iwork, &liwork, &rpar,
          &ipar, idid);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    *calls = iwork[16];
    free(work);
    return ((b.tv_sec - a.tv_sec) + 1e-9 * (b.tv_nsec - a.tv_nsec)) / repeats;
}
