package kernel

// The numbers behind exp, tanh, sigmoid, softplus and log. The assembly's
// generator reads them from this file, so that they stand in one place.
const (
	log2E = 1.4426950408889634

	// ln 2 = ln2Hi + ln2Lo; ln2Hi has 32 significant bits, so that k·ln2Hi is
	// exact for every exponent k of a float64.
	ln2Hi = 6.93147180369123816490e-01
	ln2Lo = 1.90821492927058770002e-10

	// x + roundShift has the integer nearest to x in its low bits, for
	// |x| < 2^51.
	roundShift = 1.5 * (1 << 52)

	// Beyond expMax e^x overflows, below expMin it is less than half of the
	// smallest denormal. tanh x rounds to 1 for every x above tanhMax.
	expMax  = 710
	expMin  = -746
	tanhMax = 20

	// σ(x) rounds to 1 for every x above -sigmoidMin, and 2^sigmoidTop·(1+p) is
	// far from overflow.
	sigmoidMin = -40
	sigmoidTop = 1000

	// e^r = 1 + r + r²·Σ expCj·r^j on |r| <= ln2/2: interpolation of
	// (e^r - 1 - r)/r² at the 11 Chebyshev nodes, solved in 60 digits and
	// rounded; e^r - 1 keeps a relative error of 9e-19.
	expC0  = 0.5
	expC1  = 0.1666666666666667
	expC2  = 0.04166666666666667
	expC3  = 0.008333333333326136
	expC4  = 0.0013888888888883748
	expC5  = 0.00019841269874820627
	expC6  = 2.4801587325547743e-05
	expC7  = 2.7557255400206422e-06
	expC8  = 2.75572736431103e-07
	expC9  = 2.5105217004720745e-08
	expC10 = 2.0914686968086876e-09

	// ln(1+f) = 2 atanh s = 2s + s·z·Σ logCj·z^j with s = f/(2+f), z = s²,
	// on |s| <= 1/5: interpolation at the 8 Chebyshev nodes of 0 <= z <= 1/25,
	// solved and rounded likewise; relative error 8e-19.
	logC0 = 0.6666666666666666
	logC1 = 0.4000000000000781
	logC2 = 0.28571428567334156
	logC3 = 0.22222223038646793
	logC4 = 0.181817383886876
	logC5 = 0.15388837321538698
	logC6 = 0.1321030837359591
	logC7 = 0.13604416809878475

	// A positive float64 with bits b is 2^k·m with sqrt(1/2) <= m < sqrt(2):
	// adding logBias = bits(1) - bits(sqrt(1/2)) to b leaves 1023 + k in the
	// exponent field and m's distance from sqrt(1/2) below it.
	sqrtHalfBits = 0x3fe6a09e667f3bcd
	logBias      = 0x3ff0000000000000 - sqrtHalfBits
	minNormal    = 0x1p-1022

	// The same for float32, where it is another; its name has Single behind it.
	// Errors of the polynomials: 1.7e-9 for e^r - 1, 5e-10 for ln(1+f).
	ln2HiSingle      = 0x1.62e43p-01
	ln2LoSingle      = -1.9046542999577679e-09
	roundShiftSingle = 1.5 * (1 << 23)
	expMaxSingle     = 89
	expMinSingle     = -104
	tanhMaxSingle    = 10
	sigmoidMinSingle = -18
	sigmoidTopSingle = 120

	expC0Single = 0.50000000134577272
	expC1Single = 0.16666666681614256
	expC2Single = 0.041666465006040049
	expC3Single = 0.0083333109344488685
	expC4Single = 0.0013933641031986701
	expC5Single = 0.00019890980869750326

	logC0Single = 0.66666666277190653
	logC1Single = 0.4000031125070458
	logC2Single = 0.28532744768803826
	logC3Single = 0.23747344538291253

	sqrtHalfBitsSingle = 0x3f3504f3
	logBiasSingle      = 0x3f800000 - sqrtHalfBitsSingle
	minNormalSingle    = 0x1p-126

	// A standard normal deviate that is exceeded with the probability p <= 1/2 is
	// v·Σ normalCj·v^j with v² = -ln 4p(1-p), on v <= 4.66 that is p >= 2^-33: nearest in
	// the largest relative error, 7e-6 in float32.
	normalC0Single = 1.2533222436904907
	normalC1Single = -0.0003448024217505008
	normalC2Single = 0.01717587374150753
	normalC3Single = -0.0062577188946306705
	normalC4Single = 0.0075287772342562675
	normalC5Single = -0.00534149119630456
	normalC6Single = 0.0018022273434326053
	normalC7Single = -0.00031735148513689637
	normalC8Single = 2.82824294117745e-05
	normalC9Single = -1.0006756383518223e-06
)
