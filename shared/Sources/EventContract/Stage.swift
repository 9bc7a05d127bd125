/// The parts of the pipeline that count what they have done, by their names in ``StreamKeys/totals(_:)``.
public enum Stage {
    /// Lines of files to raw batches.
    public static let eveReader = "eve-reader"
    /// Raw batches to documents; also the name of its consumer group.
    public static let ecsTransformer = "ecs-transformer"
    /// What was given up, by any of the others.
    public static let deadLetters = "dead"

    /// All that events pass through, in the order of the flow: each kind of store is a stage.
    public static let ofEvents = [eveReader, ecsTransformer] + SinkKind.allCases.map(\.group)
}
