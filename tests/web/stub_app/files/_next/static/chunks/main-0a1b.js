console.log("a chunk of the stub")
