package mcpserver

// orchestratorTools are those of an agent that plans.
var orchestratorTools []Tool
