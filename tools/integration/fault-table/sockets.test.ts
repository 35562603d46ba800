import { testFaultTable } from './table.ts';

testFaultTable('sockets');
