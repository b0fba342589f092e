package models

import "tsgen/models/zeroshot"

func zeroshotKind() Kind {
	return plainKind(zeroshot.Model{}, Kind{
		cost:      zeroshotCost,
		Irregular: "no", Missing: "yes", Channels: "one by one", Distribution: "quantiles",
		About: "A network that was trained once, on simulated series alone, and comes with the program: nothing is fitted, so that it forecasts at once.",
	})
}
