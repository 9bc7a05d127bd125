import JSON

extension EventType {
    /// A message between control centre and station of a power grid or water works (IEEE 1815).
    static let dnp3 = EventType(
        name: "dnp3", types: ["protocol"], protocolName: "dnp3", sourceIsServer: { $0.isSent(fromPort: 20_000) },
        objects: ["dnp3"],
        map: { dnp3, mapping in
            mapping.setAction(dnp3["application"]?["function_code"], names: verbs)
        })

    /// The function codes of the application layer, by the standard's names.
    private static let verbs: [(number: Int64, name: StaticString)] = [
        (0, "confirm"), (1, "read"), (2, "write"), (3, "select"), (4, "operate"), (5, "direct_operate"),
        (6, "direct_operate_nr"), (7, "immed_freeze"), (8, "immed_freeze_nr"), (9, "freeze_clear"),
        (10, "freeze_clear_nr"), (11, "freeze_at_time"), (12, "freeze_at_time_nr"), (13, "cold_restart"),
        (14, "warm_restart"), (15, "initialize_data"), (16, "initialize_appl"), (17, "start_appl"), (18, "stop_appl"),
        (19, "save_config"), (20, "enable_unsolicited"), (21, "disable_unsolicited"), (22, "assign_class"),
        (23, "delay_measure"), (24, "record_current_time"), (25, "open_file"), (26, "close_file"),
        (27, "delete_file"), (28, "get_file_info"), (29, "authenticate_file"), (30, "abort_file"),
        (31, "activate_config"), (32, "authenticate_req"), (33, "auth_req_no_ack"), (129, "response"),
        (130, "unsolicited_response"), (131, "authenticate_resp"),
    ]
}
