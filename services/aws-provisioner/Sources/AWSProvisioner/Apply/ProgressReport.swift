/// How far AWS is with the work that is waited for, as of one look.
struct ProgressReport: Sendable, Equatable {
    /// Which stage it is, counted from 1; nil while AWS tells of none.
    var stage: Int?
    /// How many stages there are; nil while AWS tells of none.
    var of: Int?
    /// What is done in this stage, in AWS' words or ours.
    var name: String
    /// Time since the work was begun, in seconds; also across restarts of this program.
    var elapsedSeconds: Int
    /// When AWS is asked again, in seconds from now.
    var nextLookSeconds: Int
}

/// Shows a person that something goes on while AWS works.
protocol WaitingDisplay {
    /// Work has begun, or is found under way.
    /// - Parameter usually: how long it takes as a rule, such as `15 to 25 minutes`.
    func begin(_ what: String, usually: String)

    /// After each look.
    func show(_ report: ProgressReport)

    /// Each second or so between two looks: time passes.
    func tick()

    /// The wait is over; what is printed next stands on lines of its own.
    func end()
}
