// Package zeroshot holds a forecaster that was trained once, on simulated series alone
// (package simulate), and comes with the program: nothing is fitted to the series that it
// forecasts, unless it is to be tuned to them.
//
// The network sees seasonal differences over their mean absolute value, in which
// forecasts are scored, the values at the place in the season of the step to forecast,
// and what is missing; it returns quantiles from the seasonal naive forecast on. One
// network serves all seasons and steps ahead, as it is asked for one step at a time. It sees
// forecasts in closed form as well, and weighs them: lines with seasons, autoregressions and
// exponential smoothing.
// Zero-shot forecasters that learn from simulated series are those of Dooley et al. 2023
// (ForecastPFN), Hoo et al. 2025 (TabPFN-TS) and Moroshan et al. 2025 (TempoPFN).
//
// The program in the folder train makes the weights, which are in weights.bin; its log is
// in docs/benchmarks/zeroshot.md.
package zeroshot
