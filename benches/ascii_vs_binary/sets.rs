//! The numbers that are put on the wire: made up by rule, or met in life.

/// Numbers with a name.
pub(crate) struct Set {
    pub(crate) name: &'static str,
    /// What they are, in words.
    pub(crate) what: &'static str,
    pub(crate) values: Vec<u64>,
}

/// Numbers in a set that is made up.
const COUNT: usize = 10_000;

/// All sets, the same at every run and on every machine.
pub(crate) fn all() -> Vec<Set> {
    let mut sets = Vec::new();
    let mut made = |name, what, draw: &dyn Fn(&mut Random) -> u64| {
        let mut random = Random(sets.len() as u64);
        let values = (0..COUNT).map(|_| draw(&mut random)).collect();
        sets.push(Set { name, what, values });
    };
    let zipf = Zipf::new(100_000);
    made("zeros and ones", "0 or 1, equally often", &|random| random.next() >> 63);
    made("geometric", "how often a die of 16 sides is thrown until it shows its 1", &|random| {
        (0..).take_while(|_| random.next() >> 60 != 0).count() as u64
    });
    made("Zipf", "1 to 100 000, k in proportion to 1/k", &|random| zipf.draw(random));
    made("uniform, 16 bits", "0 to 2^16 − 1, all equally often", &|random| random.next() >> 48);
    made("uniform, 32 bits", "0 to 2^32 − 1, all equally often", &|random| random.next() >> 32);
    made("uniform, 64 bits", "0 to 2^64 − 1, all equally often", &Random::next);
    made("times in s", "Unix times in three years from November 2023", &seconds);
    made("times in ms", "the same in milliseconds", &|random| seconds(random) * 1000 + random.next() % 1000);
    let mut met = |name, what, text: &str| {
        let values = text.lines().filter_map(|line| line.parse().ok()).collect::<Vec<u64>>();
        assert_eq!(values.len(), text.lines().count(), "{name}: a number a line");
        sets.push(Set { name, what, values });
    };
    met("counters", "what a Linux kernel counts", include_str!("../../tests/data/numbers/counters.txt"));
    met("ports", "ports of named services", include_str!("../../tests/data/numbers/ports.txt"));
    met("prices", "prices of shares, in cents", include_str!("../../tests/data/numbers/prices.txt"));
    met("messages", "message lengths in captured TCP streams", include_str!("../../tests/data/numbers/messages.txt"));
    met("lines", "line lengths of source text", include_str!("../../tests/data/numbers/lines.txt"));
    met("files", "file sizes of a Debian system", include_str!("../../tests/data/numbers/files.txt"));
    sets
}

fn seconds(random: &mut Random) -> u64 {
    1_700_000_000 + random.next() % 94_608_000
}

/// Splitmix64 (Steele, Lea, Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Zipf's law with exponent 1, in integers: floating point may differ from machine to machine.
struct Zipf {
    /// The weights of 1 to k, added up.
    sums: Vec<u64>,
}

impl Zipf {
    fn new(greatest: u64) -> Self {
        let mut sum = 0;
        let weights = (1..=greatest).map(|k| (1 << 40) / k);
        Self { sums: weights.map(|weight| (sum += weight, sum).1).collect() }
    }

    fn draw(&self, random: &mut Random) -> u64 {
        let at = random.next() % self.sums.last().copied().unwrap_or(1);
        self.sums.partition_point(|sum| *sum <= at) as u64 + 1
    }
}
