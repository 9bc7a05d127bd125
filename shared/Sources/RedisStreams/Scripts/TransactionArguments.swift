import EventContract

extension [RedisArgument] {
    /// Appends totals and dead letters in the form that the scripts read.
    mutating func append(
        totals: [(counter: StageCounter, amount: Int)], letters: [DeadLetter], options: RedisOptions
    ) {
        append(.number(Int64(totals.count)))
        for total in totals {
            append(.text(total.counter.rawValue))
            append(.number(Int64(total.amount)))
        }
        append(.number(Int64(options.deadLettersMax)))
        append(.number(Int64(options.deadLetterBytesMax)))
        append(.number(Int64(letters.count)))
        for letter in letters {
            let fields = letter.fields
            append(.number(Int64(2 * fields.count)))
            for field in fields {
                append(.text(field.name))
                append(.bytes(field.value))
            }
        }
    }
}
